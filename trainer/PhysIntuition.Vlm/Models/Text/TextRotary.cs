using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>M-RoPE: every frequency follows time, row, or column.</summary>
internal sealed class TextRotary : IDisposable
{
    private const int Axes = 3;

    private readonly Tensor _frequencies;   // [3, 1, 1, half a head]; zero where the axis is not followed

    internal TextRotary(TextConfig config, Device device)
    {
        var half = config.HeadDim / 2;
        var values = new float[Axes * half];
        for (var k = 0; k < half; k++)
        {
            values[(Axis(k, config) * half) + k] = (float)(1 / Math.Pow(config.RopeTheta, 2.0 * k / config.HeadDim));
        }

        _frequencies = tensor(values, [Axes, 1, 1, half], device: device).DetachFromDisposeScope();
    }

    /// <summary>The rotation of tokens at positions [3, batch, tokens], in a type; broadcasts over heads.</summary>
    internal Rotary At(Tensor positions, ScalarType type)
    {
        var angles = (positions.to(ScalarType.Float32).unsqueeze(-1) * _frequencies)   // [3, batch, tokens, half]
            .sum(0L).unsqueeze(2);                                                     // [batch, tokens, 1, half]
        return new Rotary(angles.cos().to(type), angles.sin().to(type));
    }

    public void Dispose() => _frequencies.Dispose();

    private static int Axis(int frequency, TextConfig config)
    {
        var section = config.MropeSection;
        if (!config.MropeInterleaved)
        {
            return frequency < section[0] ? 0 : frequency < section[0] + section[1] ? 1 : 2;
        }

        // 1, 4, 7, ... follow rows and 2, 5, 8, ... columns as far as their sections reach; the rest is time.
        var axis = frequency % Axes;
        return axis != 0 && frequency < Axes * section[axis] ? axis : 0;
    }
}
