using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PhysIntuition.Server.Batches;

/// <summary>Seals captured states: nobody outside reads the labels in them, and nobody forges one.</summary>
/// <remarks>AES-256-GCM with a random nonce: nonce[12], tag[16], then the sealed bytes.</remarks>
internal sealed class SnapshotSeal
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int UsualBytes = 2048;   // of a state

    private readonly byte[] _key;

    public SnapshotSeal(IOptions<EngineOptions> options)
    {
        var secret = options.Value.SnapshotSecret;
        _key = secret.Length > 0 ? SHA256.HashData(Encoding.UTF8.GetBytes(secret)) : RandomNumberGenerator.GetBytes(32);
    }

    /// <summary>Seals states in order.</summary>
    /// <param name="count">How many.</param>
    /// <param name="write">Writes one of them, by its place.</param>
    public byte[] Close(int count, Action<int, IBufferWriter<byte>> write)
    {
        var plain = new StateWriter(count * UsualBytes);
        plain.PutLength(count);
        for (var place = 0; place < count; place++)
        {
            plain.PutLength(0);
            var start = plain.Length;
            write(place, plain);
            BinaryPrimitives.WriteInt32LittleEndian(plain.From(start - sizeof(int)), plain.Length - start);
        }

        var file = GC.AllocateUninitializedArray<byte>(NonceBytes + TagBytes + plain.Length);
        RandomNumberGenerator.Fill(file.AsSpan(0, NonceBytes));
        using var cipher = new AesGcm(_key, TagBytes);
        cipher.Encrypt(file.AsSpan(0, NonceBytes), plain.From(0), file.AsSpan(NonceBytes + TagBytes),
            file.AsSpan(NonceBytes, TagBytes));
        plain.Return();
        return file;
    }

    /// <summary>The states of a sealed snapshot.</summary>
    /// <exception cref="PhysIntuitionException">The bytes are not a snapshot of this server's key.</exception>
    public List<ReadOnlyMemory<byte>> Open(ReadOnlySpan<byte> file)
    {
        var plain = GC.AllocateUninitializedArray<byte>(Math.Max(0, file.Length - NonceBytes - TagBytes));
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

    // All states in one array, which is lent: as an array for each they would cost more than to write them.
    private sealed class StateWriter(int usual) : IBufferWriter<byte>
    {
        private byte[] _bytes = ArrayPool<byte>.Shared.Rent(usual);

        public int Length { get; private set; }

        public void PutLength(int length)
        {
            BinaryPrimitives.WriteInt32LittleEndian(GetSpan(sizeof(int)), length);
            Advance(sizeof(int));
        }

        public Span<byte> From(int start) => _bytes.AsSpan(start, Length - start);

        public void Return() => ArrayPool<byte>.Shared.Return(_bytes);

        public void Advance(int count) => Length += count;

        public Span<byte> GetSpan(int sizeHint = 0)
        {
            Reserve(Math.Max(1, sizeHint));
            return _bytes.AsSpan(Length);
        }

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            Reserve(Math.Max(1, sizeHint));
            return _bytes.AsMemory(Length);
        }

        private void Reserve(int more)
        {
            if (_bytes.Length - Length < more)
            {
                var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _bytes.Length, Length + more));
                From(0).CopyTo(larger);
                Return();
                _bytes = larger;
            }
        }
    }
}
