namespace PhysIntuition.Faults;

/// <summary>Why a request could not be carried out. Maps one to one to a gRPC status.</summary>
public enum Fault
{
    /// <summary>The caller sent something outside the documented range.</summary>
    InvalidArgument,

    /// <summary>The call came in the wrong order, for example Step before Reset.</summary>
    OutOfOrder,

    /// <summary>The named task, environment or session does not exist.</summary>
    NotFound,

    /// <summary>A configured limit was reached; the message names the setting that raises it.</summary>
    LimitReached,

    /// <summary>The caller may not see or do this, for example a held-out label.</summary>
    NotAllowed,

    /// <summary>The caller has not shown who it is, or not truthfully.</summary>
    NotAuthenticated,

    /// <summary>This process cannot do it now: it drains, or the machine lacks something.</summary>
    Unavailable,
}

/// <summary>A failure that the caller can understand and fix.</summary>
/// <param name="fault">What kind of failure this is.</param>
/// <param name="field">The request field or setting at fault, in wire spelling.</param>
/// <param name="message">Field, value, rule and remedy, in a sentence or two.</param>
public sealed class PhysIntuitionException(Fault fault, string field, string message) : Exception(message)
{
    /// <summary>What kind of failure this is.</summary>
    public Fault Fault { get; } = fault;

    /// <summary>The request field or setting at fault, in wire spelling.</summary>
    public string Field { get; } = field;

    /// <summary>Stable, for programs: "SESSION_EXPIRED". Empty: the fault says all.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What the field was. Empty where the message says all, as the next two.</summary>
    public string Value { get; init; } = "";

    /// <summary>What is allowed.</summary>
    public string Rule { get; init; } = "";

    /// <summary>What to do.</summary>
    public string Remedy { get; init; } = "";

    /// <summary>When a retry makes sense; null: not before something else changes.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
