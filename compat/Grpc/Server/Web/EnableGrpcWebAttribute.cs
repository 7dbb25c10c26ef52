namespace Grpc.AspNetCore.Web;

/// <summary>The service or method speaks gRPC-Web.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public class EnableGrpcWebAttribute : Attribute, IGrpcWebEnabledMetadata
{
    /// <inheritdoc />
    public bool GrpcWebEnabled => true;
}
