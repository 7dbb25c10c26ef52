using System.Runtime.CompilerServices;

namespace PhysIntuition.Server.Trainers;

/// <summary>Opens episodes for clients of OpenEnv and MCP, and finds them again.</summary>
/// <remarks>Many of these clients never come back, and say nothing when they leave: until a session is asked for
/// again, its lease is short.</remarks>
internal sealed class OpenEnvSessions(
    SessionStore sessions, EnvironmentCalls calls, Drain drain, IOptions<LeaseOptions> leases)
{
    private readonly ConditionalWeakTable<Session, OpenEnvEpisode> _episodes = [];

    /// <summary>The task of a path without one.</summary>
    public const string UsualTask = "Stability-v1";

    /// <summary>Opens a session with an id and a secret.</summary>
    /// <param name="http">The call that opens it.</param>
    /// <param name="task">From the path; null: the usual one.</param>
    public (OpenEnvEpisode Episode, string Token) Open(HttpContext http, string? task)
    {
        var token = SessionKey.NewToken();
        return (Open(http.Caller(), task, IdOf(http), token, leases.Value.UnclaimedLease), token);
    }

    /// <summary>Opens the session of a socket, which ends with it.</summary>
    /// <param name="http">The call that opens it.</param>
    /// <param name="task">From the path; null: the usual one.</param>
    public OpenEnvEpisode OpenForSocket(HttpContext http, string? task) =>
        Open(http.Caller(), task, IdOf(http), SessionKey.NewToken(), leases.Value.Lease);

    /// <summary>Opens a session whose id is its secret too, for protocols that have one word for both.</summary>
    /// <param name="caller">Who pays for it.</param>
    /// <param name="task">From the path; null: the usual one.</param>
    /// <param name="handle">The word; null: a new one.</param>
    public OpenEnvEpisode OpenByHandle(Caller caller, string? task, string? handle = null)
    {
        handle ??= SessionKey.NewId();
        return Open(caller, task, handle, handle, leases.Value.UnclaimedLease);
    }

    /// <summary>Resets an episode for the first time; if that is refused, its session ends.</summary>
    public async Task<OpenEnvReply> BeginAsync(
        OpenEnvEpisode episode, OpenEnvReset data, CancellationToken cancellation, ITask? another = null)
    {
        try
        {
            return await episode.ResetAsync(data, cancellation, another);
        }
        catch
        {
            Close(episode);
            throw;
        }
    }

    /// <summary>The episode of a client that came back, which keeps it from now on.</summary>
    public OpenEnvEpisode Find(string? id, string? token)
    {
        var session = sessions.Find(id, token);
        if (!_episodes.TryGetValue(session, out var episode))
        {
            Throw.OutOfOrder(SessionKey.IdHeader, "OUT_OF_ORDER",
                "The session was opened over gRPC. Send reset without a session to open one here.");
        }

        session.Lease = leases.Value.Lease;
        session.Touch();
        return episode;
    }

    /// <summary>Ends an episode's session.</summary>
    public void Close(OpenEnvEpisode episode) => sessions.Close(episode.Session);

    // The id, if the client sends one, is its own choice: a load balancer may hash it.
    private static string IdOf(HttpContext http) =>
        (string?)http.Request.Headers[SessionKey.IdHeader] ?? SessionKey.NewId();

    private OpenEnvEpisode Open(Caller caller, string? task, string id, string token, TimeSpan lease)
    {
        drain.ThrowIfStarted();
        var found = TaskCatalog.Find(task ?? UsualTask);
        var (session, _) = sessions.Open(caller, "openenv", lease, id, token);
        var episode = new OpenEnvEpisode(calls, session, found);
        _episodes.Add(session, episode);
        return episode;
    }
}
