namespace Grpc.AspNetCore.Web;

/// <summary>Whether services speak gRPC-Web without being marked.</summary>
public class GrpcWebOptions
{
    /// <summary>Whether endpoints without a mark of their own speak gRPC-Web.</summary>
    public bool DefaultEnabled { get; set; }
}
