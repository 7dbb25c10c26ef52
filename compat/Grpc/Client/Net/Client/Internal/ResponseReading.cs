using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.Net.Client.Internal;

/// <summary>Reads statuses and metadata from the headers and trailers of a response.</summary>
internal static class ResponseReading
{
    /// <summary>The status that the headers alone decide: a trailers-only response, or one that is not gRPC.</summary>
    internal static Status? StatusOfHeaders(HttpResponseMessage response)
    {
        if (TryReadStatus(response.Headers, out var status))
        {
            return status;
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new Status(
                FaultStatus.FromHttp((int)response.StatusCode),
                $"Bad gRPC response. HTTP status code: {(int)response.StatusCode}");
        }

        var contentType = response.Content.Headers.NonValidated.TryGetValues("content-type", out var values)
            ? values.ToString()
            : null;
        return GrpcContentType.Matches(contentType, HeaderNames.ContentType)
            ? null
            : new Status(StatusCode.Unknown, $"Bad gRPC response. Content-Type: '{contentType ?? "none"}'");
    }

    /// <summary>The status in the trailers.</summary>
    internal static Status StatusOfTrailers(HttpResponseMessage response) =>
        TryReadStatus(response.TrailingHeaders, out var status)
            ? status
            : new Status(StatusCode.Unknown, "The response ended without a grpc-status.");

    internal static Metadata Headers(HttpResponseMessage response) => ToMetadata(response.Headers);

    internal static Metadata Trailers(HttpResponseMessage? response)
    {
        if (response is null)
        {
            return Metadata.Empty;
        }

        var headers = response.Headers.NonValidated.Contains(HeaderNames.Status)
            ? response.Headers
            : response.TrailingHeaders;
        return ToMetadata(headers);
    }

    /// <summary>The compression of the messages, or null.</summary>
    internal static string? Encoding(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues(HeaderNames.Encoding, out var values) ? values.ToString() : null;

    private static bool TryReadStatus(HttpResponseHeaders headers, out Status status)
    {
        status = default;
        if (!headers.NonValidated.TryGetValues(HeaderNames.Status, out var codes))
        {
            return false;
        }

        var detail = headers.NonValidated.TryGetValues(HeaderNames.Message, out var messages)
            ? StatusMessage.Decode(messages.ToString())
            : "";
        status = int.TryParse(codes.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            ? new Status(code <= 16 ? (StatusCode)code : StatusCode.Unknown, detail)
            : new Status(StatusCode.Unknown, $"Unexpected grpc-status value '{codes}'.");
        return true;
    }

    private static Metadata ToMetadata(HttpResponseHeaders headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            if (MetadataHeaders.IsReserved(name))
            {
                continue;
            }

            foreach (var value in values)
            {
                MetadataHeaders.Append(metadata, name, value);
            }
        }

        return metadata;
    }
}
