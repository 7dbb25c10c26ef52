using System.Buffers;
using Grpc.Core;

namespace PhysIntuition.Compat.Grpc.Wire;

/// <summary>Metadata entries as header values and back.</summary>
internal static class MetadataHeaders
{
    private static readonly SearchValues<char> s_printable =
        SearchValues.Create(Enumerable.Range(0x20, 0x5f).Select(code => (char)code).ToArray());

    /// <summary>Whether the protocol keeps this name for itself, so that users never see or send it.</summary>
    internal static bool IsReserved(string name) =>
        name.StartsWith(':')
        || Is(name, HeaderNames.Status)
        || Is(name, HeaderNames.Message)
        || Is(name, HeaderNames.Encoding)
        || Is(name, HeaderNames.AcceptEncoding)
        || Is(name, HeaderNames.Timeout)
        || Is(name, HeaderNames.EncodingRequest)
        || Is(name, "content-type")
        || Is(name, "te");

    /// <summary>The value to send; bytes go as base64 without padding.</summary>
    /// <exception cref="RpcException">A text that no header can carry.</exception>
    internal static string ToHeaderValue(Metadata.Entry entry)
    {
        if (entry.IsBinary)
        {
            return Convert.ToBase64String(entry.BytesSpan).TrimEnd('=');
        }

        if (entry.Value.AsSpan().ContainsAnyExcept(s_printable))
        {
            throw new RpcException(new Status(
                StatusCode.Internal,
                $"Metadata '{entry.Key}' has a character outside printable ASCII; use a key that ends in -bin."));
        }

        return entry.Value;
    }

    /// <summary>Adds what one header line carries; binary values may be several with commas between.</summary>
    internal static void Append(Metadata metadata, string name, string value)
    {
        if (!name.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase))
        {
            metadata.Add(name, value);
            return;
        }

        foreach (var range in value.AsSpan().Split(','))
        {
            metadata.Add(name, DecodeBase64(name, value.AsSpan()[range].Trim()));
        }
    }

    private static byte[] DecodeBase64(string name, ReadOnlySpan<char> text)
    {
        var padded = string.Concat(text, new string('=', (4 - (text.Length % 4)) % 4));
        var bytes = new byte[padded.Length / 4 * 3];
        if (!Convert.TryFromBase64String(padded, bytes, out var written))
        {
            throw new RpcException(new Status(
                StatusCode.Internal, $"Metadata '{name}' is not base64; send bytes as base64 under a -bin key."));
        }

        return bytes[..written];
    }

    private static bool Is(string name, string reserved) =>
        string.Equals(name, reserved, StringComparison.OrdinalIgnoreCase);
}
