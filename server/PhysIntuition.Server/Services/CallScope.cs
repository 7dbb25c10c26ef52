using Grpc.Core;
using PhysIntuition.Server.Sessions;

namespace PhysIntuition.Server.Services;

/// <summary>A request inside its session: holds a place until disposed.</summary>
internal readonly struct CallScope : IDisposable
{
    private CallScope(Session session)
    {
        Session = session;
        session.Enter();
    }

    /// <summary>The caller's session.</summary>
    public Session Session { get; }

    /// <summary>Finds the caller's session by the call's metadata and takes a place in it.</summary>
    public static CallScope Enter(SessionStore sessions, ServerCallContext context) => new(Find(sessions, context));

    /// <summary>The caller's session, without taking a place.</summary>
    public static Session Find(SessionStore sessions, ServerCallContext context)
    {
        var headers = context.GetHttpContext().Request.Headers;
        return sessions.Find(headers[SessionKey.IdHeader], headers[SessionKey.TokenHeader]);
    }

    public void Dispose() => Session.Leave();
}
