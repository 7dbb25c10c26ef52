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

    /// <summary>Pixel values [patches, channel frame row column]: null without pictures.</summary>
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
    /// <param name="pixelValues">All pictures' rows in order of the sequences; null without any.</param>
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
            Grids = [.. sequences.SelectMany(item => item.Images)],
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
        long[] places =
            [.. Enumerable.Range(0, ids.Length).Where(i => ids[i] == config.ImageTokenId).Select(i => (long)i)];
        return places.Length == 0 ? null : tensor(places, [places.Length], device: device).DetachFromDisposeScope();
    }

    private void CheckPixels()
    {
        if (Grids.Count > 0 && PixelValues is null)
        {
            throw new ArgumentException($"The batch has {Grids.Count} pictures, but no pixel values.");
        }
    }
}

/// <summary>One sequence: token ids with every picture token written out, and the pictures' grids.</summary>
/// <param name="TokenIds">Token ids.</param>
/// <param name="Images">Pictures in the order of their first token.</param>
public sealed record VlmSequence(IReadOnlyList<int> TokenIds, params IReadOnlyList<PatchGrid> Images);

/// <summary>Time, row, and column of every token: text counts up, pictures spread over rows and columns.</summary>
internal sealed class PositionIds
{
    private readonly VlmConfig _config;
    private readonly VlmSequence _sequence;
    private int _image;

    private PositionIds(VlmConfig config, VlmSequence sequence)
    {
        _config = config;
        _sequence = sequence;
        var count = sequence.TokenIds.Count;
        Time = new int[count];
        Row = new int[count];
        Column = new int[count];
    }

    internal int[] Time { get; }

    internal int[] Row { get; }

    internal int[] Column { get; }

    /// <summary>The position of the token that would come next.</summary>
    internal int Next { get; private set; }

    /// <summary>Positions of one sequence without padding.</summary>
    /// <exception cref="ArgumentException">Picture tokens and grids do not agree.</exception>
    internal static PositionIds Of(VlmConfig config, VlmSequence sequence)
    {
        var positions = new PositionIds(config, sequence);
        positions.Walk();
        return positions;
    }

    private void Walk()
    {
        var ids = _sequence.TokenIds;
        for (var at = 0; at < ids.Count;)
        {
            at += ids[at] == _config.ImageTokenId ? PlaceImage(at) : PlaceText(at);
        }

        if (_image != _sequence.Images.Count)
        {
            throw new ArgumentException(
                $"The sequence has {_sequence.Images.Count} image grids, but tokens for {_image}.");
        }
    }

    private int PlaceText(int at)
    {
        Time[at] = Row[at] = Column[at] = Next++;
        return 1;
    }

    private int PlaceImage(int at)
    {
        if (_image == _sequence.Images.Count)
        {
            throw new ArgumentException(
                $"Token {at} begins picture {_image + 1}, but the sequence has {_sequence.Images.Count} grids.");
        }

        var grid = _sequence.Images[_image++];
        var merge = _config.Vision.SpatialMergeSize;
        var (height, width, count) = (grid.Height / merge, grid.Width / merge, grid.Tokens(merge));
        CheckRun(at, count, grid);
        for (var i = 0; i < count; i++)
        {
            Time[at + i] = Next;
            Row[at + i] = Next + (i / width % height);
            Column[at + i] = Next + (i % width);
        }

        Next += Math.Max(height, width);
        return count;
    }

    private void CheckRun(int at, int count, PatchGrid grid)
    {
        var token = _config.ImageTokenId;
        for (var i = 0; i < count; i++)
        {
            if (at + i >= _sequence.TokenIds.Count || _sequence.TokenIds[at + i] != token)
            {
                throw new ArgumentException(
                    $"{grid} needs {count} tokens {token} from token {at} on; found {i}. "
                    + "Write one picture token per merged cell.");
            }
        }
    }
}
