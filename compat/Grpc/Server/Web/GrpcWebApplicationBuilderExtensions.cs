using Grpc.AspNetCore.Web;
using Grpc.AspNetCore.Web.Internal;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts gRPC-Web into the pipeline.</summary>
public static class GrpcWebApplicationBuilderExtensions
{
    /// <summary>Lets marked services speak gRPC-Web; call it between UseRouting and the endpoints.</summary>
    public static IApplicationBuilder UseGrpcWeb(this IApplicationBuilder builder) =>
        builder.UseGrpcWeb(new GrpcWebOptions());

    /// <summary>Lets services speak gRPC-Web; call it between UseRouting and the endpoints.</summary>
    public static IApplicationBuilder UseGrpcWeb(this IApplicationBuilder builder, GrpcWebOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        return builder.Use(next => new GrpcWebMiddleware(next, options.DefaultEnabled).Invoke);
    }
}
