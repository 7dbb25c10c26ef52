using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;

namespace PhysIntuition.Server;

/// <summary>Marks a method of gRPC, a service or an HTTP endpoint with the scope that it wants; the last mark counts,
/// and without one it is <see cref="Scopes.Play"/>.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class NeededScopeAttribute : Attribute
{
    public NeededScopeAttribute(Scopes scope) => Scope = scope;

    private NeededScopeAttribute()
    {
    }

    /// <summary>Which; null: no token is asked for.</summary>
    public Scopes? Scope { get; }

    /// <summary>For health and for pages that show nothing but what is public.</summary>
    public static NeededScopeAttribute NoToken { get; } = new();

    /// <summary>The scope that an endpoint wants; null: no token.</summary>
    public static Scopes? Of(EndpointMetadataCollection metadata) =>
        metadata.GetMetadata<NeededScopeAttribute>() is { } needed ? needed.Scope : Scopes.Play;
}

/// <summary>Lets a call in, or says why not; the same for gRPC and HTTP.</summary>
internal static class AccessGate
{
    /// <summary>Stands ahead of every endpoint: finds the caller and checks the scope.</summary>
    /// <exception cref="PhysIntuitionException">NOT_AUTHENTICATED or NOT_ALLOWED.</exception>
    public static void Use(WebApplication app)
    {
        var tokens = app.Services.GetRequiredService<TokenStore>();
        app.Use((http, next) =>
        {
            if (http.GetEndpoint() is { } endpoint && NeededScopeAttribute.Of(endpoint.Metadata) is { } wanted)
            {
                var caller = tokens.Authenticate(http.Request.Headers.Authorization);
                caller.Require(wanted);
                http.Features.Set(caller);
            }

            return next(http);
        });
    }

    /// <summary>Whoever the gate let in.</summary>
    public static Caller Caller(this HttpContext http) => http.Features.GetRequiredFeature<Caller>();

    /// <inheritdoc cref="Caller(HttpContext)"/>
    public static Caller Caller(this ServerCallContext context) => context.GetHttpContext().Caller();
}
