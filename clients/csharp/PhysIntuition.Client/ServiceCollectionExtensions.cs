using PhysIntuition.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the client with a container.</summary>
public static class PhysIntuitionServiceCollectionExtensions
{
    /// <summary>Adds one <see cref="IEnvironmentClient"/>, which connects when it is first used.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="options">How the client behaves; null: a server on this machine, port 50051.</param>
    public static IServiceCollection AddPhysIntuition(
        this IServiceCollection services, ClientOptions? options = null) =>
        services.AddPhysIntuition(_ => options ?? new ClientOptions());

    /// <summary>Adds one <see cref="IEnvironmentClient"/> for all, with options from other services.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="configure">Makes the options, once, when the client is first asked for.</param>
    public static IServiceCollection AddPhysIntuition(
        this IServiceCollection services, Func<IServiceProvider, ClientOptions> configure) =>
        services.AddSingleton<IEnvironmentClient>(provider => new DeferredClient(configure(provider)));
}
