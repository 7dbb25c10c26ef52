using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Internal;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps services to endpoints.</summary>
public static class GrpcEndpointRouteBuilderExtensions
{
    private static readonly string[] s_post = ["POST"];

    /// <summary>Maps every method of a service to <c>/package.Service/Method</c>.</summary>
    /// <exception cref="InvalidOperationException">AddGrpc was not called, or the type is not a service.</exception>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService<TService>(this IEndpointRouteBuilder builder)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.ServiceProvider;
        var marker = services.GetService<GrpcMarker>()
            ?? throw new InvalidOperationException("gRPC is not registered; call services.AddGrpc() first.");
        var methods = services.GetRequiredService<ServiceMethods<TService>>();
        var endpoints = methods.Endpoints.Select(method => Map(builder, method)).ToList();
        marker.Add(methods.ServiceName);
        return new GrpcServiceEndpointConventionBuilder(endpoints);
    }

    private static IEndpointConventionBuilder Map(IEndpointRouteBuilder builder, ServiceEndpoint method)
    {
        var pattern = RoutePatternFactory.Parse(method.Method.FullName);
        var endpoint = builder.Map(pattern, method.Handler);
        endpoint.Add(conventions =>
        {
            conventions.DisplayName = $"gRPC - {method.Method.FullName}";
            conventions.Metadata.Add(new GrpcMethodMetadata(method.ServiceType, method.Method));
            conventions.Metadata.Add(new HttpMethodMetadata(s_post, acceptCorsPreflight: true));
            foreach (var item in method.Metadata)
            {
                conventions.Metadata.Add(item);
            }
        });
        return endpoint;
    }
}
