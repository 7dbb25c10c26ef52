using PhysIntuition.Vlm.Images;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Sequences made one rectangle, with what the model needs to know about them, on its device.</summary>
/// <remarks>Owns its tensors except the pixel values, which stay the caller's.</remarks>
public sealed class VlmBatch : IDisposable
{
    private VlmBatch(IReadOnlyList<VlmSequence> sequences, int length)
    {
        Sequences = sequences;
        Length = length;
    }

    /// <summary>The sequences, without padding.</summary>
    public IReadOnlyList<VlmSequence> Sequences { get; }

    /// <summary>Tokens per row, padding included.</summary>
    public int Length { get; }

    /// <summary>Token ids [batch, tokens].</summary>
    public Tensor InputIds { get; private set; } = null!;

    /// <summary>Time, row, column [3, batch, tokens]; 1 on padding.</summary>
    public Tensor PositionIds { get; private set; } = null!;

    /// <summary>True on tokens, false on padding [batch, tokens]; null where nothing is padded.</summary>
    public Tensor? AttentionMask { get; private set; }

    /// <summary>Pixel values [patches, channel frame row column]: pictures, then videos; null without any.</summary>
    public Tensor? PixelValues { get; private set; }

    /// <summary>Grids in the order of the pixel values.</summary>
    public IReadOnlyList<PatchGrid> Grids { get; private set; } = [];

    /// <summary>The position of the token that would follow each sequence.</summary>
    public IReadOnlyList<int> NextPositions { get; private set; } = [];

    /// <summary>Rows of the flattened batch that picture tokens take, in the order of the pixel values.</summary>
    internal Tensor? VisualPlaces { get; private set; }

    /// <summary>Where row r's sequence starts; after it comes its first token.</summary>
    internal int Offset(int row) => IsLeftPadded ? Length - Sequences[row].TokenIds.Count : 0;

    /// <summary>Whether padding stands before the tokens.</summary>
    public bool IsLeftPadded { get; private set; }

    /// <summary>Builds a batch.</summary>
    /// <param name="model">The model that it is for; gives configuration and device.</param>
    /// <param name="sequences">At least one sequence, none empty.</param>
    /// <param name="pixelValues">
    /// All pictures' rows in order of the sequences, then all videos' rows; null without any.
    /// </param>
    /// <param name="padsLeft">Padding before the tokens, as generation needs it; else after.</param>
    public static VlmBatch Create(
        VisionLanguageModel model,
        IReadOnlyList<VlmSequence> sequences,
        Tensor? pixelValues = null,
        bool padsLeft = true)
    {
        if (sequences.Count == 0 || sequences.Any(sequence => sequence.TokenIds.Count == 0))
        {
            throw new ArgumentException(
                "A batch needs at least one sequence, and none may be empty.", nameof(sequences));
        }

        using var scope = NewDisposeScope();
        var batch = new VlmBatch(sequences, sequences.Max(sequence => sequence.TokenIds.Count))
        {
            IsLeftPadded = padsLeft,
            Grids = [.. sequences.SelectMany(item => item.Images), .. sequences.SelectMany(item => item.Videos)],
            PixelValues = pixelValues,
        };
        batch.Fill(model.Config, model.Device);
        batch.CheckPixels();
        return batch;
    }

    /// <summary>Releases everything but the pixel values.</summary>
    public void Dispose()
    {
        InputIds.Dispose();
        PositionIds.Dispose();
        AttentionMask?.Dispose();
        VisualPlaces?.Dispose();
    }

    private void Fill(VlmConfig config, Device device)
    {
        var count = Sequences.Count;
        var ids = new long[count * Length];
        var isToken = new bool[count * Length];
        var positions = new long[3 * count * Length];
        Array.Fill(positions, 1);
        var next = new int[count];
        for (var row = 0; row < count; row++)
        {
            var places = Models.PositionIds.Of(config, Sequences[row]);
            next[row] = places.Next;
            FillRow(row, places, ids, isToken, positions);
        }

        NextPositions = next;
        InputIds = tensor(ids, [count, Length], device: device).DetachFromDisposeScope();
        PositionIds = tensor(positions, [3, count, Length], device: device).DetachFromDisposeScope();
        AttentionMask = Array.TrueForAll(isToken, item => item)
            ? null
            : tensor(isToken, [count, Length], device: device).DetachFromDisposeScope();
        VisualPlaces = Places(config, ids, device);
    }

    private void FillRow(int row, PositionIds places, long[] ids, bool[] isToken, long[] positions)
    {
        var plane = Sequences.Count * Length;
        var start = (row * Length) + Offset(row);
        for (var i = 0; i < Sequences[row].TokenIds.Count; i++)
        {
            ids[start + i] = Sequences[row].TokenIds[i];
            isToken[start + i] = true;
            positions[start + i] = places.Time[i];
            positions[plane + start + i] = places.Row[i];
            positions[(2 * plane) + start + i] = places.Column[i];
        }
    }

    private static Tensor? Places(VlmConfig config, long[] ids, Device device)
    {
        long[] places = [.. Of(config.ImageTokenId), .. Of(config.VideoTokenId)];
        return places.Length == 0 ? null : tensor(places, [places.Length], device: device).DetachFromDisposeScope();

        IEnumerable<long> Of(int token) =>
            Enumerable.Range(0, ids.Length).Where(i => ids[i] == token).Select(i => (long)i);
    }

    private void CheckPixels()
    {
        if (Grids.Count > 0 && PixelValues is null)
        {
            throw new ArgumentException($"The batch has {Grids.Count} pictures or videos, but no pixel values.");
        }
    }
}
