namespace PhysIntuition.Server.Sessions;

/// <summary>Sessions that any server of a cluster answers, and that none of them can lose.</summary>
internal interface IDurableSessions
{
    /// <summary>Opens a session.</summary>
    /// <param name="caller">Who pays for it.</param>
    /// <param name="request">As it came.</param>
    /// <param name="id">Chosen by the client; null: by the server.</param>
    Task<SessionInfo> OpenAsync(Caller caller, OpenSessionRequest request, string? id);

    /// <summary>Finds a session again after a lost connection or server.</summary>
    Task<SessionInfo> ResumeAsync(string id, string token);

    /// <summary>Ends a session; ending it twice is fine.</summary>
    Task CloseAsync(string id, string token);

    /// <summary>Carries out a call of a session, wherever that is; what the reply says is stored.</summary>
    /// <param name="key">Id and token of the session.</param>
    /// <param name="caller">Whose quota it takes from.</param>
    /// <param name="request">One of the calls that a stream may carry, but for Score.</param>
    /// <param name="cancellation">Fires when nobody waits any more; a call that has begun is carried out.</param>
    Task<RunReply> RunAsync(DurableKey key, Caller caller, RunRequest request, CancellationToken cancellation);
}

/// <summary>Id and token of a durable session.</summary>
internal readonly record struct DurableKey(string Id, string Token)
{
    private const string Mark = "durable-";

    /// <summary>A new token, which says of its session that it is durable.</summary>
    public static string NewToken() => Mark + SessionKey.NewToken();

    /// <summary>Whether a session's token says that the session is durable.</summary>
    public static bool Is(string? token) => token is not null && token.StartsWith(Mark, StringComparison.Ordinal);
}
