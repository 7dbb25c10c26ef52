using System.Net;
using Grpc.Core;

namespace PhysIntuition.Server;

/// <summary>Runs one call and waits for it; its page stays held until the response is sent.</summary>
internal static class UnaryCall
{
    private static readonly Func<object, Task> s_release = static page =>
    {
        ((ReplyBuffer)page).Release();
        return Task.CompletedTask;
    };

    /// <summary>Runs a call in the caller's session.</summary>
    public static async Task<T> RunAsync<T>(
        SessionStore sessions, ServerCallContext context, Func<CallContext, Task<Held<T>>> call)
    {
        using var scope = CallScope.Enter(sessions, context);
        var reply = await call(ContextOf(scope.Session, context) with { RunsHere = true });
        if (reply.ReplyBuffer is { } page)
        {
            context.GetHttpContext().Response.OnCompleted(s_release, page);
        }

        return reply.Message;
    }

    /// <summary>The call of a session that came over gRPC.</summary>
    public static CallContext ContextOf(Session session, ServerCallContext context) =>
        new(session, context.CancellationToken)
        {
            // A Unix domain socket has no address of the other side, which is on this machine.
            IsLocal = context.GetHttpContext().Connection.RemoteIpAddress is not { } address ||
                IPAddress.IsLoopback(address),
        };
}

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
