using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Optimisers;

/// <summary>AdamW with moments in eight bits, a quarter of the memory; updates run on the CPU.</summary>
/// <remarks>
/// Blocks and code books follow Dettmers et al., "8-bit Optimizers via Block-wise Quantization", 2022. Rounding is
/// random where theirs is to nearest: a second moment that falls by 1 % a step would else stay at its code for ever.
/// </remarks>
internal sealed class EightBitAdamW(IEnumerable<Parameter> parameters, MomentOptions options) : IOptimiser
{
    private const int SmallestQuantised = 4096;   // elements; smaller parameters cost nothing and matter more
    private const float Epsilon = 1e-8f;          // AdamW's

    private readonly State[] _states = [.. parameters.Select(parameter => new State(parameter))];
    private long _steps;

    public void Step(double learningRate)
    {
        _steps++;
        var rates = new Rates(
            (float)(1 - (learningRate * options.WeightDecay)), (float)(1 - options.Beta1), (float)(1 - options.Beta2),
            (float)(learningRate / (1 - Math.Pow(options.Beta1, _steps))),
            (float)(1 / Math.Sqrt(1 - Math.Pow(options.Beta2, _steps))));
        using var none = no_grad();
        for (var i = 0; i < _states.Length; i++)
        {
            Step(_states[i], rates, ((ulong)_steps << 20) + (ulong)i);
        }
    }

    public void Save(string path)
    {
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write(_steps);
        foreach (var moment in _states.SelectMany(state => new[] { state.Mean, state.Square }))
        {
            moment.Write(writer);
        }
    }

    public void Load(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        _steps = reader.ReadInt64();
        foreach (var moment in _states.SelectMany(state => new[] { state.Mean, state.Square }))
        {
            moment.Read(reader);
        }
    }

    public void Dispose()
    {
        // Moments are plain memory; the parameters are the model's.
    }

    private static void Step(State state, in Rates rates, ulong seed)
    {
        if (state.Parameter.grad is not { } gradient)
        {
            return;
        }

        using var scope = NewDisposeScope();
        var weights = state.Parameter.to(ScalarType.Float32).cpu().data<float>().ToArray();
        var gradients = gradient.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        Span<float> mean = stackalloc float[QuantisedMoment.BlockSize], square = stackalloc float[mean.Length];
        for (var start = 0; start < weights.Length; start += mean.Length)
        {
            var count = Math.Min(mean.Length, weights.Length - start);
            var m = mean[..count];
            var v = square[..count];
            state.Mean.Get(start, m);
            state.Square.Get(start, v);
            Update(weights.AsSpan(start, count), gradients.AsSpan(start, count), m, v, rates);
            state.Mean.Set(start, m, seed * 2);
            state.Square.Set(start, v, (seed * 2) + 1);
        }

        state.Parameter.copy_(tensor(weights, state.Parameter.shape));
        gradient.zero_();
    }

    private static void Update(
        Span<float> weights, ReadOnlySpan<float> gradients, Span<float> mean, Span<float> square, in Rates rates)
    {
        for (var i = 0; i < weights.Length; i++)
        {
            var g = gradients[i];
            mean[i] += rates.Mean * (g - mean[i]);
            square[i] += rates.Square * ((g * g) - square[i]);
            weights[i] = (weights[i] * rates.Keep)
                - (rates.Size * mean[i] / ((MathF.Sqrt(square[i]) * rates.Correction) + Epsilon));
        }
    }

    private readonly record struct Rates(float Keep, float Mean, float Square, float Size, float Correction);

    private sealed class State(Parameter parameter)
    {
        public Parameter Parameter { get; } = parameter;

        public Moment Mean { get; } = Moment.Create((int)parameter.numel(), isSigned: true, SmallestQuantised);

        public Moment Square { get; } = Moment.Create((int)parameter.numel(), isSigned: false, SmallestQuantised);
    }
}
