using Microsoft.AspNetCore.Http.Features;

namespace PhysIntuition.Server.Hosting;

/// <summary>The server's services for every request: all are singletons, so that a scope would hold nothing.</summary>
internal sealed class SharedServices(IServiceProvider services) : IServiceProvidersFeature
{
    public IServiceProvider RequestServices
    {
        get => services;
        set => throw new NotSupportedException("Every request has the services of the server.");
    }

    /// <summary>Goes ahead of everything that asks for services.</summary>
    public static void Use(WebApplication app)
    {
        IServiceProvidersFeature shared = new SharedServices(app.Services);
        app.Use((http, next) =>
        {
            http.Features.Set(shared);
            return next(http);
        });
    }
}
