using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Turns away requests that are not gRPC and makes the others ready.</summary>
internal static class RequestCheck
{
    internal static bool TryAccept(HttpContext http)
    {
        if (!GrpcContentType.Matches(http.Request.ContentType, HeaderNames.ContentType))
        {
            Refuse(
                http,
                StatusCodes.Status415UnsupportedMediaType,
                $"Content-Type '{http.Request.ContentType}' is not supported; send {HeaderNames.ContentType}.");
            return false;
        }

        if (!HttpProtocol.IsHttp2(http.Request.Protocol) && !HttpProtocol.IsHttp3(http.Request.Protocol))
        {
            Refuse(
                http,
                StatusCodes.Status426UpgradeRequired,
                $"Request protocol '{http.Request.Protocol}' is not supported; use HTTP/2.");
            return false;
        }

        LiftLimits(http);
        http.Response.ContentType = HeaderNames.ContentType;
        return true;
    }

    // MaxReceiveMessageSize bounds each message; a stream as a whole may be long and may pause.
    private static void LiftLimits(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    private static void Refuse(HttpContext http, int httpStatus, string detail)
    {
        http.Response.StatusCode = httpStatus;
        http.Response.Headers[HeaderNames.Status] = ((int)StatusCode.Internal).ToString(CultureInfo.InvariantCulture);
        http.Response.Headers[HeaderNames.Message] = StatusMessage.Encode(detail);
    }
}
