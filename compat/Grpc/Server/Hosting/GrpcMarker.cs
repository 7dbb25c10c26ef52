namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Says that gRPC was registered, and whether the endpoint for unknown services is there.</summary>
internal sealed class GrpcMarker
{
    internal bool HasFallback { get; set; }
}
