namespace Grpc.AspNetCore.Web;

/// <summary>Endpoint metadata: whether an endpoint speaks gRPC-Web.</summary>
public interface IGrpcWebEnabledMetadata
{
    /// <summary>Whether it does.</summary>
    bool GrpcWebEnabled { get; }
}
