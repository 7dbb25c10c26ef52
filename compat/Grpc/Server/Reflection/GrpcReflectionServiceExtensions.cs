using Grpc.Reflection.Internal;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers server reflection.</summary>
public static class GrpcReflectionServiceExtensions
{
    /// <summary>Registers reflection over all services that are mapped.</summary>
    public static IServiceCollection AddGrpcReflection(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider => new Lazy<ReflectionAnswers>(() => new ReflectionAnswers(
            new SymbolIndex(EndpointServices.Find(provider.GetRequiredService<EndpointDataSource>())))));
        services.TryAddSingleton<ReflectionV1Service>();
        services.TryAddSingleton<ReflectionV1AlphaService>();
        return services;
    }
}
