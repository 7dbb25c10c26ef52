using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Grpc.Core;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>Sends bytes as a gRPC request, right or wrong, and shows what came back.</summary>
/// <param name="address">Of the server's gRPC port.</param>
internal sealed class RawCall(Uri address) : IDisposable
{
    public const string Environments = "/physintuition.v1.EnvironmentService/";

    private readonly HttpClient _client = new() { BaseAddress = address, Timeout = RunningServer.Patience };

    /// <summary>A message with its five-byte header.</summary>
    public static byte[] Frame(byte[] payload, byte flag = 0, int? length = null)
    {
        var frame = new byte[5 + payload.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length ?? payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    public static byte[] Frame(IMessage message) => Frame(message.ToByteArray());

    public void Dispose() => _client.Dispose();

    /// <summary>The answer, read to its trailers.</summary>
    public async Task<RawAnswer> SendAsync(
        byte[] body, string method = "GetTask", string contentType = "application/grpc",
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, method.StartsWith('/') ? method : Environments + method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _client.SendAsync(request);
        await response.Content.LoadIntoBufferAsync();
        string? Read(string name) =>
            response.Headers.TryGetValues(name, out var values) ||
            response.TrailingHeaders.TryGetValues(name, out values)
                ? values.Single()
                : null;
        var error = Read("physintuition-error-bin");
        return new RawAnswer(response.StatusCode, (StatusCode)int.Parse(Read("grpc-status")!),
            Uri.UnescapeDataString(Read("grpc-message") ?? ""),
            error is null ? new Error() : Error.Parser.ParseFrom(Convert.FromBase64String(Padded(error))));
    }

    // Trailers may leave the padding out.
    private static string Padded(string base64) => base64.PadRight((base64.Length + 3) / 4 * 4, '=');
}

/// <summary>What came back.</summary>
/// <param name="Http">Of HTTP.</param>
/// <param name="Status">Of gRPC.</param>
/// <param name="Message">Of gRPC.</param>
/// <param name="Error">The server's own trailer; empty where there is none.</param>
internal sealed record RawAnswer(HttpStatusCode Http, StatusCode Status, string Message, Error Error);
