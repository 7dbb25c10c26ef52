using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Internal;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

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
        endpoints.Add(MapUnknownMethod(builder, methods.ServiceName));
        var options = services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value;
        if (!marker.HasFallback && options.IgnoreUnknownServices != true)
        {
            marker.HasFallback = true;
            MapUnknownService(builder);
        }

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

    private static IEndpointConventionBuilder MapUnknownMethod(IEndpointRouteBuilder builder, string serviceName)
    {
        var endpoint = builder.MapMethods(
            $"{serviceName}/{{unknownMethod:{GrpcRequestConstraint.Name}}}", s_post, UnknownMethod.HandleMethod);
        endpoint.WithDisplayName($"gRPC - Unknown method of {serviceName}");
        return endpoint;
    }

    private static void MapUnknownService(IEndpointRouteBuilder builder) =>
        builder.MapMethods(
            $"{{unknownService}}/{{unknownMethod:{GrpcRequestConstraint.Name}}}", s_post, UnknownMethod.HandleService)
        .WithDisplayName("gRPC - Unknown service");
}
