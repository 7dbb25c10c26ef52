namespace PhysIntuition.Server.Services;

/// <summary>Whether whoever serves is on its way out: health says so first, then new work is refused.</summary>
/// <param name="started">Fires when it was told to stop.</param>
internal sealed class Drain(CancellationToken started)
{
    /// <summary>Why whoever drains refuses.</summary>
    public const string Reason = "DRAINING";

    /// <summary>Fires when the server was told to stop.</summary>
    public CancellationToken Started => started;

    /// <summary>Refuses new sessions, environments and streams once the drain has begun.</summary>
    /// <exception cref="PhysIntuitionException">The server drains.</exception>
    public void ThrowIfStarted()
    {
        if (Started.IsCancellationRequested)
        {
            throw ToException();
        }
    }

    /// <summary>What callers are told.</summary>
    public static PhysIntuitionException ToException() => new(Fault.Unavailable, "",
        "The server is shutting down. Go on at another server, or retry here after its restart.")
    {
        Reason = Reason,
        RetryAfter = TimeSpan.FromSeconds(1),
    };
}
