using PhysIntuition.Environments.Tasks;
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
    /// <param name="task">From the path; null: the usual one.</param>
    public (OpenEnvEpisode Episode, string Token) Open(string? task)
    {
        drain.ThrowIfStarted();
        var found = TaskCatalog.Find(task ?? UsualTask);
        var (session, token) = sessions.Open("openenv", lease: null);
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
