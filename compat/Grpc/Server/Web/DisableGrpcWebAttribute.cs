namespace Grpc.AspNetCore.Web;

/// <summary>The service or method does not speak gRPC-Web, whatever the default.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public class DisableGrpcWebAttribute : Attribute, IGrpcWebEnabledMetadata
{
    /// <inheritdoc />
    public bool GrpcWebEnabled => false;
}
