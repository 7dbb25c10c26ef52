using System.IO.Compression;
using Grpc.Net.Compression;

namespace PhysIntuition.Compat.Grpc.Wire;

/// <summary>How messages are compressed.</summary>
/// <param name="Provider">The compression.</param>
/// <param name="Level">How hard; null means the provider's default.</param>
internal readonly record struct MessageCompression(ICompressionProvider Provider, CompressionLevel? Level)
{
    internal static MessageCompression? Of(ICompressionProvider? provider, CompressionLevel? level = null) =>
        provider is null ? null : new MessageCompression(provider, level);
}
