using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Gets the service object of a call: the registered one, or a new one for this call.</summary>
internal sealed class ServiceActivator<TService>(IServiceProvider root, ServiceLifetimes lifetimes)
    where TService : class
{
    private readonly bool _isSingleton = lifetimes.IsSingleton(typeof(TService));
    private readonly Lazy<ObjectFactory<TService>> _factory =
        new(() => ActivatorUtilities.CreateFactory<TService>([]));

    private TService? _singleton;

    internal TService Activate(HttpContext http, out bool isOwned)
    {
        isOwned = false;
        if (_isSingleton)
        {
            return _singleton ??= root.GetRequiredService<TService>();
        }

        if (http.RequestServices.GetService<TService>() is { } registered)
        {
            return registered;
        }

        isOwned = true;
        return _factory.Value(http.RequestServices, []);
    }
}
