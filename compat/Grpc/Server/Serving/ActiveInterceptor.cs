using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>An interceptor for the time of one call.</summary>
internal readonly struct ActiveInterceptor : IAsyncDisposable
{
    private readonly bool _isOwned;

    internal ActiveInterceptor(InterceptorRegistration registration, ServerCallContext context) =>
        Instance = registration.Activate(context.GetHttpContext().RequestServices, out _isOwned);

    internal Interceptor Instance { get; }

    public ValueTask DisposeAsync() => _isOwned ? Disposal.Dispose(Instance) : ValueTask.CompletedTask;
}
