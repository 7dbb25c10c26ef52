using System.Buffers;
using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;

namespace PhysIntuition.Compat.Grpc.Wire;

/// <summary>The compressions that one end knows.</summary>
internal sealed class CompressionSet
{
    private static readonly ICompressionProvider[] s_standard =
    [
        new GzipCompressionProvider(CompressionLevel.Fastest),
        new DeflateCompressionProvider(CompressionLevel.Fastest),
    ];

    private readonly Dictionary<string, ICompressionProvider> _providers = new(StringComparer.Ordinal);

    internal CompressionSet(IEnumerable<ICompressionProvider> providers)
    {
        foreach (var provider in providers)
        {
            _providers[provider.EncodingName] = provider;
        }

        AcceptEncoding = string.Join(',', _providers.Keys.Prepend(HeaderNames.Identity));
    }

    /// <summary>gzip and deflate.</summary>
    internal static CompressionSet Default { get; } = new(s_standard);

    /// <summary>The value of <c>grpc-accept-encoding</c>.</summary>
    internal string AcceptEncoding { get; }

    /// <summary>The given compressions, or gzip and deflate when none are given.</summary>
    internal static CompressionSet Of(IList<ICompressionProvider> providers) =>
        new(providers.Count > 0 ? providers : s_standard);

    /// <summary>Throws unless the name is null or known.</summary>
    internal void Check(string? name)
    {
        if (name is not null && name != HeaderNames.Identity && !_providers.ContainsKey(name))
        {
            throw new InvalidOperationException(
                $"ResponseCompressionAlgorithm is '{name}'; must be one of {AcceptEncoding}.");
        }
    }

    /// <summary>The named compression; null for identity.</summary>
    /// <exception cref="RpcException">A name that this end does not know.</exception>
    internal ICompressionProvider? Find(string? name)
    {
        if (string.IsNullOrEmpty(name) || name == HeaderNames.Identity)
        {
            return null;
        }

        return _providers.TryGetValue(name, out var provider)
            ? provider
            : throw new RpcException(new Status(
                StatusCode.Unimplemented, $"Unsupported grpc-encoding value '{name}'. Supported: {AcceptEncoding}."));
    }

    /// <summary>Decompresses into pooled memory, which the caller disposes.</summary>
    internal static PooledBuffer Decompress(
        ICompressionProvider? provider, ReadOnlySequence<byte> payload, int? maxPayloadLength)
    {
        if (provider is null)
        {
            throw Faults.Internal("Message is marked compressed, and the call has no grpc-encoding.");
        }

        var output = new PooledBuffer();
        try
        {
            Inflate(provider, payload, output, maxPayloadLength ?? Array.MaxLength);
            return output;
        }
        catch (Exception fault)
        {
            output.Dispose();
            throw fault is RpcException ? fault : Faults.Internal("Failed to decompress the message.", fault);
        }
    }

    private static void Inflate(
        ICompressionProvider provider, ReadOnlySequence<byte> payload, PooledBuffer output, int limit)
    {
        using var input = provider.CreateDecompressionStream(new SequenceStream(payload));
        while (true)
        {
            var count = input.Read(output.GetSpan(4096));
            if (count == 0)
            {
                return;
            }

            output.Advance(count);
            if (output.WrittenCount > limit)
            {
                throw Faults.InflatesBeyond(limit);
            }
        }
    }
}
