namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Disposes objects that were made for one call.</summary>
internal static class Disposal
{
    internal static ValueTask Dispose(object instance)
    {
        switch (instance)
        {
            case IAsyncDisposable disposable:
                return disposable.DisposeAsync();
            case IDisposable disposable:
                disposable.Dispose();
                return ValueTask.CompletedTask;
            default:
                return ValueTask.CompletedTask;
        }
    }
}
