using System.Runtime.InteropServices;

namespace PhysIntuition.Client;

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
