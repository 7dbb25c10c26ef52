namespace Grpc.Core;

/// <summary>The client's stream of requests.</summary>
public interface IClientStreamWriter<in T> : IAsyncStreamWriter<T>
{
    /// <summary>Says that no more requests follow; call it once, after the last write completed.</summary>
    Task CompleteAsync();
}
