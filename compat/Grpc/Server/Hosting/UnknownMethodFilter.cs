using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Answers, behind the whole pipeline, calls of services and methods that do not exist.</summary>
/// <remarks>Not an endpoint: a pattern that matches any method would cost every call a set of route values.</remarks>
internal sealed class UnknownMethodFilter(GrpcMarker marker, IOptions<GrpcServiceOptions> options) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => application =>
    {
        next(application);
        application.Use(following =>
            http => IsUnknownCall(http) ? UnknownMethod.Answer(http, marker) : following(http));
    };

    private bool IsUnknownCall(HttpContext http) =>
        marker.HasServices
        && options.Value.IgnoreUnknownServices != true
        && HttpMethods.IsPost(http.Request.Method)
        && GrpcContentType.Matches(http.Request.ContentType, HeaderNames.ContentType);
}
