using PhysIntuition.Server.Sessions;

namespace PhysIntuition.Server.Services;

/// <summary>For whom a call is carried out, and how.</summary>
/// <param name="Session">The caller's session.</param>
/// <param name="Cancellation">Fires when nobody waits any more.</param>
internal readonly record struct CallContext(Session Session, CancellationToken Cancellation = default)
{
    /// <summary>The caller runs on this machine.</summary>
    public bool IsLocal { get; init; }

    /// <summary>The caller runs in this process.</summary>
    public bool IsInProcess { get; init; }

    /// <summary>The caller waits: where nothing else does, the call is carried out on its thread.</summary>
    public bool RunsHere { get; init; }

    /// <summary>The caller goes on on the worker that answers: an environment's replies are told in order.</summary>
    public bool IsToldInOrder { get; init; }
}
