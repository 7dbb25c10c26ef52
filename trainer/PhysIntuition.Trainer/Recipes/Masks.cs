using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>Which places of right-padded rows hold tokens.</summary>
internal static class Masks
{
    /// <summary>float32[row, longest row]: 1 where a row has a token, else 0.</summary>
    public static Tensor Of(IReadOnlyList<int[]> rows, Device device)
    {
        var length = rows.Max(row => row.Length);
        var mask = new float[rows.Count * length];
        for (var row = 0; row < rows.Count; row++)
        {
            mask.AsSpan(row * length, rows[row].Length).Fill(1);
        }

        return tensor(mask, [rows.Count, length], device: device);
    }

    /// <summary>float32[row, longest row]: the rows' values, 0 behind their ends.</summary>
    public static Tensor Pad(IReadOnlyList<float[]> rows, Device device)
    {
        var length = rows.Max(row => row.Length);
        var values = new float[rows.Count * length];
        for (var row = 0; row < rows.Count; row++)
        {
            rows[row].CopyTo(values, row * length);
        }

        return tensor(values, [rows.Count, length], device: device);
    }
}
