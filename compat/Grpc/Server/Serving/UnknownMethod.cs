using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Answers calls of services and methods that do not exist.</summary>
internal static class UnknownMethod
{
    internal static Task Answer(HttpContext http, GrpcMarker marker)
    {
        var path = http.Request.Path.Value.AsSpan().TrimStart('/');
        var slash = path.IndexOf('/');
        var isKnownService = slash > 0 && marker.Serves(path[..slash]);
        http.Response.ContentType = HeaderNames.ContentType;
        http.Response.Headers[HeaderNames.Status] =
            ((int)StatusCode.Unimplemented).ToString(CultureInfo.InvariantCulture);
        http.Response.Headers[HeaderNames.Message] =
            isKnownService ? "Method is unimplemented." : "Service is unimplemented.";
        return Task.CompletedTask;
    }
}
