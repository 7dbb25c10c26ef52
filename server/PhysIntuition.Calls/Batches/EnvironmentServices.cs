using System.Buffers.Binary;
using System.Security.Cryptography;
using PhysIntuition.Rendering;

namespace PhysIntuition.Server.Batches;

/// <summary>What environments share.</summary>
internal sealed record EnvironmentServices(
    ISimulator Simulator, IRenderer Renderer, Scheduler Scheduler, Quota Quota, HeldoutSeeds Heldout,
    SnapshotSeal Seal, ServerMetrics Metrics);

/// <summary>Turns seeds of the held-out split into ones that nobody outside can follow.</summary>
internal sealed class HeldoutSeeds
{
    private readonly byte[] _secret;

    public HeldoutSeeds(IOptions<EngineOptions> options)
    {
        var secret = options.Value.HeldoutSecret;
        _secret = secret.Length > 0 ? Encoding.UTF8.GetBytes(secret) : RandomNumberGenerator.GetBytes(32);
    }

    /// <summary>HMAC-SHA256 of task and seed, its first 64 bits.</summary>
    public ulong Map(string task, ulong seed)
    {
        Span<byte> message = stackalloc byte[512];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(message, seed);
        var length = sizeof(ulong) + Encoding.UTF8.GetBytes(task, message[sizeof(ulong)..]);
        HMACSHA256.HashData(_secret, message[..length], hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
