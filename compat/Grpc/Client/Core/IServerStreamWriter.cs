namespace Grpc.Core;

/// <summary>The server's stream of responses; it ends when the service method returns.</summary>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>;
