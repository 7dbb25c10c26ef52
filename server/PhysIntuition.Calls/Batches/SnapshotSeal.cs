using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using PhysIntuition.Faults;

namespace PhysIntuition.Server.Batches;

/// <summary>Seals captured states: nobody outside reads the labels in them, and nobody forges one.</summary>
/// <remarks>AES-256-GCM with a random nonce: nonce[12], tag[16], then the sealed bytes.</remarks>
internal sealed class SnapshotSeal
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _key;

    public SnapshotSeal(IOptions<EngineOptions> options)
    {
        var secret = options.Value.SnapshotSecret;
        _key = secret.Length > 0 ? SHA256.HashData(Encoding.UTF8.GetBytes(secret)) : RandomNumberGenerator.GetBytes(32);
    }

    /// <summary>Seals states in order.</summary>
    public byte[] Close(IReadOnlyList<ReadOnlyMemory<byte>> states)
    {
        var plain = new byte[sizeof(int) + states.Sum(state => sizeof(int) + state.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(plain, states.Count);
        var at = sizeof(int);
        foreach (var state in states)
        {
            BinaryPrimitives.WriteInt32LittleEndian(plain.AsSpan(at), state.Length);
            state.Span.CopyTo(plain.AsSpan(at + sizeof(int)));
            at += sizeof(int) + state.Length;
        }

        var file = new byte[NonceBytes + TagBytes + plain.Length];
        RandomNumberGenerator.Fill(file.AsSpan(0, NonceBytes));
        using var cipher = new AesGcm(_key, TagBytes);
        cipher.Encrypt(
            file.AsSpan(0, NonceBytes), plain, file.AsSpan(NonceBytes + TagBytes), file.AsSpan(NonceBytes, TagBytes));
        return file;
    }

    /// <summary>The states of a sealed snapshot.</summary>
    /// <exception cref="PhysIntuitionException">The bytes are not a snapshot of this server's key.</exception>
    public List<ReadOnlyMemory<byte>> Open(ReadOnlySpan<byte> file)
    {
        var plain = new byte[Math.Max(0, file.Length - NonceBytes - TagBytes)];
        try
        {
            using var cipher = new AesGcm(_key, TagBytes);
            cipher.Decrypt(file[..NonceBytes], file[(NonceBytes + TagBytes)..],
                file.Slice(NonceBytes, TagBytes), plain);
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "snapshot",
                "'snapshot' is damaged or was made by a server with another key. Take a new one, or let the servers " +
                $"share {EngineOptions.Section}:SnapshotSecret.") { Reason = "WRONG_SNAPSHOT" };
        }

        var states = new List<ReadOnlyMemory<byte>>(BinaryPrimitives.ReadInt32LittleEndian(plain));
        for (var at = sizeof(int); at < plain.Length;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(plain.AsSpan(at));
            states.Add(plain.AsMemory(at + sizeof(int), length));
            at += sizeof(int) + length;
        }

        return states;
    }
}
