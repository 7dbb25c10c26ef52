using System.Security.Cryptography;

namespace PhysIntuition.Leaderboard.Signing;

/// <summary>Signs result files; anybody with the public key can check them (RFC 8032, Ed25519).</summary>
public sealed class Ed25519Key
{
    private const int KeyBytes = 32;
    private const int SignatureBytes = 64;

    private readonly byte[] _secret;

    /// <summary>From the secret's 32 bytes.</summary>
    public Ed25519Key(ReadOnlySpan<byte> secret)
    {
        if (secret.Length != KeyBytes)
        {
            throw new ArgumentException($"'secret' has {secret.Length} bytes; an Ed25519 key has {KeyBytes}.");
        }

        _secret = secret.ToArray();
        PublicKey = Derive(_secret);
    }

    /// <summary>32 bytes, to be published.</summary>
    public byte[] PublicKey { get; }

    /// <summary>Reads the key from a file, or makes one that only its owner can read.</summary>
    /// <param name="path">Holds 64 hex digits.</param>
    public static Ed25519Key LoadOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            Create(path);
        }

        return new Ed25519Key(Convert.FromHexString(File.ReadAllText(path).Trim()));
    }

    /// <summary>64 bytes; the same data always gets the same signature.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        var key = LibCrypto.NewPrivateKey(LibCrypto.Ed25519, 0, _secret, KeyBytes);
        var context = LibCrypto.NewContext();
        try
        {
            var signature = new byte[SignatureBytes];
            nuint length = SignatureBytes;
            Require(LibCrypto.SignInit(context, 0, 0, 0, key));
            Require(LibCrypto.Sign(context, signature, ref length, data, (nuint)data.Length));
            return signature;
        }
        finally
        {
            LibCrypto.FreeContext(context);
            LibCrypto.FreeKey(key);
        }
    }

    /// <summary>Whether the signature was made over exactly this data by the owner of the key.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeyBytes || signature.Length != SignatureBytes)
        {
            return false;
        }

        var key = LibCrypto.NewPublicKey(LibCrypto.Ed25519, 0, publicKey, KeyBytes);
        var context = LibCrypto.NewContext();
        try
        {
            return key != 0
                && LibCrypto.VerifyInit(context, 0, 0, 0, key) == 1
                && LibCrypto.Verify(context, signature, SignatureBytes, data, (nuint)data.Length) == 1;
        }
        finally
        {
            LibCrypto.FreeContext(context);
            LibCrypto.FreeKey(key);
        }
    }

    // A link is made last, so that two starting processes agree on one key and nobody reads half of it.
    private static void Create(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        var draft = Path.Combine(folder, Path.GetRandomFileName());
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var writer = new StreamWriter(draft, System.Text.Encoding.ASCII, options))
        {
            writer.WriteLine(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes)));
        }

        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
    }

    private static byte[] Derive(byte[] secret)
    {
        var key = LibCrypto.NewPrivateKey(LibCrypto.Ed25519, 0, secret, KeyBytes);
        try
        {
            var bytes = new byte[KeyBytes];
            nuint length = KeyBytes;
            Require(LibCrypto.GetPublicKey(key, bytes, ref length));
            return bytes;
        }
        finally
        {
            LibCrypto.FreeKey(key);
        }
    }

    private static void Require(int result)
    {
        if (result != 1)
        {
            throw new CryptographicException("OpenSSL refused an Ed25519 operation.");
        }
    }
}
