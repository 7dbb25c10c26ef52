namespace PhysIntuition.Compat.Grpc.Wire;

/// <summary>Names and values that the protocol reserves.</summary>
internal static class HeaderNames
{
    internal const string Status = "grpc-status";
    internal const string Message = "grpc-message";
    internal const string Timeout = "grpc-timeout";
    internal const string Encoding = "grpc-encoding";
    internal const string AcceptEncoding = "grpc-accept-encoding";

    /// <summary>A caller names the compression of its requests under this key; it never travels.</summary>
    internal const string EncodingRequest = "grpc-internal-encoding-request";

    internal const string ContentType = "application/grpc";
    internal const string Identity = "identity";
}
