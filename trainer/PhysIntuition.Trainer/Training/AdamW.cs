using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Training;

/// <summary>AdamW in one pass over weights, gradients and moments.</summary>
/// <remarks>
/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2. The library's takes ten
/// operators a parameter, ten times as long on a CPU; on other devices so do we. Moments are float32, or in eight bits
/// in host memory, a quarter of the size.
/// </remarks>
internal sealed class AdamW : IDisposable
{
    private const float Epsilon = 1e-8f;
    private const int SmallestQuantised = 4096;   // elements; smaller parameters cost nothing and matter more

    private readonly MomentOptions _options;
    private readonly State[] _states;
    private long _steps;

    /// <summary>Starts with moments of zero.</summary>
    /// <param name="parameters">What learns; stays the caller's.</param>
    /// <param name="options">How moments average, and how weights decay.</param>
    /// <param name="inEightBits">Whether moments of large parameters are held in eight bits.</param>
    internal AdamW(IEnumerable<Parameter> parameters, MomentOptions options, bool inEightBits = false)
    {
        _options = options;
        _states = [.. parameters.Select(parameter => inEightBits || parameter.device.type == DeviceType.CPU
            ? (State)new HostState(parameter, inEightBits && parameter.numel() >= SmallestQuantised)
            : new DeviceState(parameter))];
    }

    /// <summary>Updates every parameter that has a gradient, and clears the gradients.</summary>
    public void Step(double learningRate)
    {
        _steps++;
        var rates = new Rates(
            (float)(1 - (learningRate * _options.WeightDecay)),
            (float)(1 - _options.Beta1), (float)(1 - _options.Beta2),
            (float)(learningRate / (1 - Math.Pow(_options.Beta1, _steps))),
            (float)(1 / Math.Sqrt(1 - Math.Pow(_options.Beta2, _steps))));
        using var none = no_grad();
        for (var i = 0; i < _states.Length; i++)
        {
            using var scope = NewDisposeScope();
            if (_states[i].Parameter.grad is { } gradient)
            {
                _states[i].Step(gradient, rates, ((ulong)_steps << 20) + (ulong)i);
                gradient.zero_();
            }
        }
    }

    /// <summary>Writes everything that the next step depends on, but for the parameters.</summary>
    public void Save(string path)
    {
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write(_steps);
        Array.ForEach(_states, state => state.Write(writer));
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It was written for other parameters.</exception>
    public void Load(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        var expected = sizeof(long) + _states.Sum(state => state.ByteLength);
        if (reader.BaseStream.Length != expected)
        {
            throw new InvalidDataException(
                $"{path} has {reader.BaseStream.Length} bytes; AdamW's moments of this model have {expected}. "
                + "It belongs to another model or version: begin a new run.");
        }

        _steps = reader.ReadInt64();
        Array.ForEach(_states, state => state.Read(reader));
    }

    /// <summary>Releases moments on devices; the parameters are the model's.</summary>
    public void Dispose() => Array.ForEach(_states, state => state.Dispose());

    private readonly record struct Rates(float Keep, float Mean, float Square, float Size, float Correction);

    /// <summary>One parameter with its moments.</summary>
    private abstract class State(Parameter parameter) : IDisposable
    {
        public Parameter Parameter { get; } = parameter;

        public abstract long ByteLength { get; }

        public abstract void Step(Tensor gradient, in Rates rates, ulong seed);

        public abstract void Write(BinaryWriter writer);

        public abstract void Read(BinaryReader reader);

        public virtual void Dispose()
        {
        }
    }

    private sealed class HostState(Parameter parameter, bool inEightBits) : State(parameter)
    {
        private readonly Moment _mean = Moment.Create((int)parameter.numel(), isSigned: true, inEightBits);
        private readonly Moment _square = Moment.Create((int)parameter.numel(), isSigned: false, inEightBits);

        public override long ByteLength => _mean.ByteLength + _square.ByteLength;

        public override void Step(Tensor gradient, in Rates rates, ulong seed)
        {
            var isHere = Parameter.device.type == DeviceType.CPU && Parameter.dtype == ScalarType.Float32
                && Parameter.is_contiguous();
            var copy = isHere ? Parameter : Parameter.to(ScalarType.Float32).cpu().contiguous();
            var weights = Floats(copy);
            var gradients = Floats(gradient.to(ScalarType.Float32).cpu().contiguous());
            Span<float> first = stackalloc float[QuantisedMoment.BlockSize], second = stackalloc float[first.Length];
            for (var start = 0; start < weights.Length;)
            {
                var mean = _mean.Open(start, first);
                var square = _square.Open(start, second);
                Update(weights.Slice(start, mean.Length), gradients.Slice(start, mean.Length), mean, square, rates);
                _mean.Close(start, mean, seed * 2);
                _square.Close(start, square, (seed * 2) + 1);
                start += mean.Length;
            }

            if (!isHere)
            {
                Parameter.copy_(copy);
            }
        }

        public override void Write(BinaryWriter writer)
        {
            _mean.Write(writer);
            _square.Write(writer);
        }

        public override void Read(BinaryReader reader)
        {
            _mean.Read(reader);
            _square.Read(reader);
        }

        // Each element by itself, every operation rounded: the same bits on vectors of any width.
        private static void Update(Span<float> p, ReadOnlySpan<float> g, Span<float> m, Span<float> v, in Rates rates)
        {
            var i = 0;
            for (; i + Vector<float>.Count <= p.Length; i += Vector<float>.Count)
            {
                var gradient = new Vector<float>(g[i..]);
                var mean = new Vector<float>(m[i..]);
                var square = new Vector<float>(v[i..]);
                mean += rates.Mean * (gradient - mean);
                square += rates.Square * ((gradient * gradient) - square);
                mean.CopyTo(m[i..]);
                square.CopyTo(v[i..]);
                var step = rates.Size * mean
                    / ((Vector.SquareRoot(square) * rates.Correction) + new Vector<float>(Epsilon));
                ((new Vector<float>(p[i..]) * rates.Keep) - step).CopyTo(p[i..]);
            }

            for (; i < p.Length; i++)
            {
                m[i] += rates.Mean * (g[i] - m[i]);
                v[i] += rates.Square * ((g[i] * g[i]) - v[i]);
                p[i] = (p[i] * rates.Keep) - (rates.Size * m[i] / ((MathF.Sqrt(v[i]) * rates.Correction) + Epsilon));
            }
        }
    }

    private sealed class DeviceState(Parameter parameter) : State(parameter)
    {
        private readonly Tensor _mean = zeros_like(parameter, ScalarType.Float32).DetachFromDisposeScope();
        private readonly Tensor _square = zeros_like(parameter, ScalarType.Float32).DetachFromDisposeScope();

        public override long ByteLength => 2 * sizeof(float) * _mean.numel();

        public override void Step(Tensor gradient, in Rates rates, ulong seed)
        {
            var g = gradient.to(ScalarType.Float32);
            using TorchSharp.Scalar mean = rates.Mean, kept = 1 - rates.Square, square = rates.Square;
            _mean.lerp_(g, mean);
            _square.mul_(kept).addcmul_(g, g, square);
            var step = _mean.Times(rates.Size) / _square.sqrt().Times(rates.Correction).Plus((double)Epsilon);
            Parameter.copy_(Parameter.to(ScalarType.Float32).Times(rates.Keep) - step);
        }

        public override void Write(BinaryWriter writer)
        {
            writer.Write(_mean.cpu().bytes);
            writer.Write(_square.cpu().bytes);
        }

        public override void Read(BinaryReader reader)
        {
            foreach (var moment in (Tensor[])[_mean, _square])
            {
                using var stored = empty(moment.shape, ScalarType.Float32);
                reader.BaseStream.ReadExactly(stored.bytes);
                moment.copy_(stored);
            }
        }

        public override void Dispose()
        {
            _mean.Dispose();
            _square.Dispose();
        }
    }

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}

/// <summary>How AdamW averages and decays.</summary>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="WeightDecay">Share of a weight that a step at learning rate 1 takes away.</param>
internal readonly record struct MomentOptions(double Beta1, double Beta2, double WeightDecay);
