using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Gets the service object of a call: the registered one, or a new one for this call.</summary>
internal static class ServiceActivator<TService>
    where TService : class
{
    private static readonly Lazy<ObjectFactory<TService>> s_factory =
        new(() => ActivatorUtilities.CreateFactory<TService>([]));

    internal static TService Activate(IServiceProvider services, out bool isOwned)
    {
        if (services.GetService<TService>() is { } registered)
        {
            isOwned = false;
            return registered;
        }

        isOwned = true;
        return s_factory.Value(services, []);
    }
}
