using System.Runtime.InteropServices;

namespace PhysIntuition.Client;

/// <summary>One named observation of all rows: a tensor, encoded pictures, or texts.</summary>
/// <remarks>Memory is not copied. In shared memory it is overwritten some calls later, see
/// <see cref="EnvironmentSettings.SharedBuffers"/>; copy what must be kept.</remarks>
public sealed class Observation
{
    /// <summary>An observation of any form.</summary>
    /// <param name="name">"rgb", "prompt", ...</param>
    public Observation(string name)
    {
        Name = name;
    }

    /// <summary>"rgb", "prompt", ...</summary>
    public string Name { get; }

    /// <summary>Element type of a tensor; unspecified for the other forms.</summary>
    public DataType Type { get; init; }

    /// <summary>Axes of a tensor, rows first: [rows, height, width, 3].</summary>
    public IReadOnlyList<int> Shape { get; init; } = [];

    /// <summary>Elements of a tensor: row-major, little-endian.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>One PNG or JPEG file for each row.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Files { get; init; } = [];

    /// <summary>One text for each row.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>Elements of a tensor as numbers.</summary>
    /// <typeparam name="T">What <see cref="Type"/> says.</typeparam>
    public ReadOnlySpan<T> As<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes.Span);

    /// <summary>The bytes of one row of a tensor.</summary>
    public ReadOnlyMemory<byte> Row(int row)
    {
        var size = Bytes.Length / Shape[0];
        return Bytes.Slice(row * size, size);
    }

    internal static Observation From(V1.Observation message, SharedMemoryView? shared) => message.ContentCase switch
    {
        V1.Observation.ContentOneofCase.Tensor => new Observation(message.Name)
        {
            Type = message.Tensor.Type,
            Shape = [.. message.Tensor.Shape.Select(axis => (int)axis)],
            Bytes = message.Tensor.MemoryOffset == 0
                ? message.Tensor.Data.Memory
                : shared!.Slice(message.Tensor),
        },
        V1.Observation.ContentOneofCase.Pictures => new Observation(message.Name)
        {
            Files = [.. message.Pictures.Files.Select(file => file.Memory)],
        },
        _ => new Observation(message.Name) { Texts = message.Texts?.Values ?? (IReadOnlyList<string>)[] },
    };
}

/// <summary>Observations by name, in the order in which they were asked for.</summary>
public sealed class Observations : List<Observation>
{
    /// <summary>No observations.</summary>
    public Observations()
    {
    }

    internal Observations(IEnumerable<V1.Observation> messages, SharedMemoryView? shared)
        : base(messages.Select(message => Observation.From(message, shared)))
    {
    }

    /// <summary>The observation of that name.</summary>
    /// <exception cref="KeyNotFoundException">It was not asked for.</exception>
    public Observation this[string name] =>
        Find(observation => observation.Name == name) ?? throw new KeyNotFoundException(
            $"There is no observation '{name}'; asked for were {string.Join(", ", this.Select(seen => seen.Name))}.");
}

/// <summary>What a reset gave: one row for each slot that took part.</summary>
/// <param name="Observations">As asked for.</param>
public sealed record ResetResult(Observations Observations);

/// <summary>What a step gave: one row for each slot that took part, in ascending slot order.</summary>
public sealed class StepResult
{
    private readonly ReadOnlyMemory<byte> _rewards;
    private readonly ReadOnlyMemory<byte> _terminated;
    private readonly ReadOnlyMemory<byte> _truncated;
    private readonly ReadOnlyMemory<byte> _started;

    /// <summary>A result over the memory of a message.</summary>
    /// <param name="rewards">float32[rows].</param>
    /// <param name="terminated">uint8[rows], 0 or 1.</param>
    /// <param name="truncated">uint8[rows], 0 or 1.</param>
    /// <param name="started">uint8[rows], 0 or 1.</param>
    public StepResult(
        ReadOnlyMemory<byte> rewards, ReadOnlyMemory<byte> terminated, ReadOnlyMemory<byte> truncated,
        ReadOnlyMemory<byte> started)
    {
        (_rewards, _terminated, _truncated, _started) = (rewards, terminated, truncated, started);
    }

    /// <summary>float32[rows].</summary>
    public ReadOnlySpan<float> Rewards => MemoryMarshal.Cast<byte, float>(_rewards.Span);

    /// <summary>bool[rows]: the task reached its own end.</summary>
    public ReadOnlySpan<bool> Terminated => MemoryMarshal.Cast<byte, bool>(_terminated.Span);

    /// <summary>bool[rows]: a limit outside the task ended the episode.</summary>
    public ReadOnlySpan<bool> Truncated => MemoryMarshal.Cast<byte, bool>(_truncated.Span);

    /// <summary>bool[rows]: the next episode began in this step, and the observations are its first.</summary>
    public ReadOnlySpan<bool> Started => MemoryMarshal.Cast<byte, bool>(_started.Span);

    /// <summary>As asked for.</summary>
    public required Observations Observations { get; init; }

    /// <summary>Same-step autoreset only: the ends of the episodes that ended in this step, in order.</summary>
    public Observations FinalObservations { get; init; } = [];
}

/// <summary>What scoring gave.</summary>
/// <param name="Rewards">One for each answer.</param>
/// <param name="Observations">As asked for.</param>
public sealed record ScoreResult(ReadOnlyMemory<float> Rewards, Observations Observations);

/// <summary>Some rows of a dataset.</summary>
/// <param name="FirstRow">Index of the first of these rows.</param>
/// <param name="Seeds">One for each row.</param>
/// <param name="Columns">As asked for.</param>
public sealed record DatasetRows(long FirstRow, IReadOnlyList<ulong> Seeds, Observations Columns);
