using PhysIntuition.Environments.Tasks;
using PhysIntuition.Server.Access;
using PhysIntuition.Server.Hosting;
using PhysIntuition.Server.Services;
using PhysIntuition.Server.Sessions;

namespace PhysIntuition.Server.OpenEnv;

/// <summary>Opens episodes for sockets, and keeps those of plain HTTP clients under their session's id.</summary>
internal sealed class OpenEnvSessions(SessionStore sessions, EnvironmentCalls calls, Drain drain)
{
    /// <summary>The task of a path without one.</summary>
    public const string UsualTask = "Stability-v1";

    /// <summary>Opens a session of its own.</summary>
    /// <param name="http">The call that opens it.</param>
    /// <param name="task">From the path; null: the usual one.</param>
    public (OpenEnvEpisode Episode, string Token) Open(HttpContext http, string? task)
    {
        drain.ThrowIfStarted();
        var found = TaskCatalog.Find(task ?? UsualTask);
        // The id, if the client sends one, is its own choice: a load balancer may hash it.
        string? id = http.Request.Headers[SessionKey.IdHeader];
        var (session, token) = sessions.Open(http.Caller(), "openenv", lease: null, id);
        var episode = new OpenEnvEpisode(calls, session, found);
        session.OpenEnv = episode;
        return (episode, token);
    }

    /// <summary>The episode of a plain HTTP client.</summary>
    public OpenEnvEpisode Find(string? id, string? token)
    {
        var session = sessions.Find(id, token);
        session.Touch();
        if (session.OpenEnv is null)
        {
            Faults.Throw.OutOfOrder(SessionKey.IdHeader, "OUT_OF_ORDER",
                "The session was opened over gRPC. Send reset without a session to open one here.");
        }

        return session.OpenEnv;
    }

    /// <summary>Ends an episode's session.</summary>
    public void Close(OpenEnvEpisode episode) => sessions.Close(episode.Session);
}
