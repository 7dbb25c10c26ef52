using Grpc.AspNetCore.Web;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Marks endpoints for gRPC-Web.</summary>
public static class GrpcWebEndpointConventionBuilderExtensions
{
    /// <summary>The endpoints speak gRPC-Web.</summary>
    public static TBuilder EnableGrpcWeb<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new EnableGrpcWebAttribute()));
        return builder;
    }

    /// <summary>The endpoints do not speak gRPC-Web, whatever the default.</summary>
    public static TBuilder DisableGrpcWeb<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new DisableGrpcWebAttribute()));
        return builder;
    }
}
