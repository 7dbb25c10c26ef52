using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http.Features;
using PhysIntuition.Faults;

namespace PhysIntuition.Server.Access;

/// <summary>Lets a call in, or says why not.</summary>
internal sealed class AccessGate(TokenStore tokens)
{
    /// <summary>Finds the caller and checks the scope.</summary>
    /// <param name="http">The call.</param>
    /// <param name="scope">What it wants; null: no token at all.</param>
    /// <exception cref="PhysIntuitionException">NOT_AUTHENTICATED or NOT_ALLOWED.</exception>
    public void Admit(HttpContext http, Scopes? scope)
    {
        if (scope is { } wanted)
        {
            var caller = tokens.Authenticate(http.Request.Headers.Authorization);
            caller.Require(wanted);
            http.Features.Set(caller);
        }
    }

    /// <summary>The gate of the HTTP endpoints.</summary>
    public static void Use(WebApplication app)
    {
        var gate = app.Services.GetRequiredService<AccessGate>();
        app.Use((http, next) =>
        {
            gate.Admit(http, AccessRules.OfHttp(http.GetEndpoint()));
            return next(http);
        });
    }
}

/// <summary>The caller of a call that came through a gate.</summary>
internal static class AccessExtensions
{
    /// <summary>Whoever the gate let in.</summary>
    public static Caller Caller(this HttpContext http) => http.Features.GetRequiredFeature<Caller>();

    /// <inheritdoc cref="Caller(HttpContext)"/>
    public static Caller Caller(this ServerCallContext context) => context.GetHttpContext().Caller();
}

/// <summary>The gate of the gRPC methods.</summary>
internal sealed class AccessInterceptor(AccessGate gate) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Admit(context);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Admit(context);
        return continuation(request, responseStream, context);
    }

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Admit(context);
        return continuation(requestStream, responseStream, context);
    }

    private void Admit(ServerCallContext context) =>
        gate.Admit(context.GetHttpContext(), AccessRules.OfGrpc(context.Method));
}
