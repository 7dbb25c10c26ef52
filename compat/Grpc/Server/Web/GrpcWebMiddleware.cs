using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.AspNetCore.Web.Internal;

/// <summary>Shows a gRPC-Web request to the rest of the pipeline as a gRPC request.</summary>
internal sealed class GrpcWebMiddleware(RequestDelegate next, bool isEnabledByDefault)
{
    private const string Binary = "application/grpc-web";
    private const string Text = "application/grpc-web-text";

    internal Task Invoke(HttpContext http)
    {
        var isText = GrpcContentType.Matches(http.Request.ContentType, Text);
        var isWeb = isText || GrpcContentType.Matches(http.Request.ContentType, Binary);
        return isWeb && HttpMethods.IsPost(http.Request.Method) && IsEnabled(http)
            ? Translate(http, isText)
            : next(http);
    }

    private bool IsEnabled(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<IGrpcWebEnabledMetadata>()?.GrpcWebEnabled ?? isEnabledByDefault;

    private async Task Translate(HttpContext http, bool isText)
    {
        var contentType = http.Request.ContentType;
        var protocol = http.Request.Protocol;
        var inner = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var trailers = http.Features.Get<IHttpResponseTrailersFeature>();
        var response = new GrpcWebResponse(inner, isText);
        http.Request.ContentType = HeaderNames.ContentType;
        http.Request.Protocol = HttpProtocol.Http2;
        if (isText)
        {
            http.Request.Body = new CryptoStream(http.Request.Body, new FromBase64Transform(), CryptoStreamMode.Read);
        }

        http.Features.Set<IHttpResponseBodyFeature>(response);
        http.Features.Set<IHttpResponseTrailersFeature>(response);
        http.Response.OnStarting(() =>
        {
            http.Response.ContentType = contentType;
            return Task.CompletedTask;
        });
        try
        {
            await next(http).ConfigureAwait(false);
            await response.Finish().ConfigureAwait(false);
        }
        finally
        {
            http.Features.Set(inner);
            http.Features.Set(trailers);
            http.Request.ContentType = contentType;
            http.Request.Protocol = protocol;
        }
    }
}
