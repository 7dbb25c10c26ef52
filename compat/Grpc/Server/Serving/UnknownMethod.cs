using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Answers calls of services and methods that do not exist.</summary>
internal static class UnknownMethod
{
    internal static Task HandleMethod(HttpContext http) => Answer(http, "Method is unimplemented.");

    internal static Task HandleService(HttpContext http) => Answer(http, "Service is unimplemented.");

    private static Task Answer(HttpContext http, string detail)
    {
        http.Response.ContentType = HeaderNames.ContentType;
        http.Response.Headers[HeaderNames.Status] =
            ((int)StatusCode.Unimplemented).ToString(CultureInfo.InvariantCulture);
        http.Response.Headers[HeaderNames.Message] = detail;
        return Task.CompletedTask;
    }
}
