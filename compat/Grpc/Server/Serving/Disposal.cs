namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Disposes objects that were made for one call.</summary>
internal static class Disposal
{
    /// <summary>Waits for the work, then disposes the object that did it.</summary>
    internal static Task After(Task work, object? instance) =>
        instance is IAsyncDisposable or IDisposable ? DisposeAfter(work, instance) : work;

    /// <summary>Waits for the result, then disposes the object that made it.</summary>
    internal static Task<T> After<T>(Task<T> work, object? instance) =>
        instance is IAsyncDisposable or IDisposable ? DisposeAfter(work, instance) : work;

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

    private static async Task DisposeAfter(Task work, object instance)
    {
        try
        {
            await work.ConfigureAwait(false);
        }
        finally
        {
            await Dispose(instance).ConfigureAwait(false);
        }
    }

    private static async Task<T> DisposeAfter<T>(Task<T> work, object instance)
    {
        try
        {
            return await work.ConfigureAwait(false);
        }
        finally
        {
            await Dispose(instance).ConfigureAwait(false);
        }
    }
}
