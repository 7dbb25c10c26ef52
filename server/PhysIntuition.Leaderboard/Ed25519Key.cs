using NSec.Cryptography;

namespace PhysIntuition.Leaderboard;

/// <summary>Signs; anybody with the public key can check (RFC 8032, Ed25519).</summary>
public sealed class Ed25519Key : IDisposable
{
    private const int KeyBytes = 32;

    private static readonly Ed25519 s_algorithm = SignatureAlgorithm.Ed25519;

    private readonly Key _key;

    /// <summary>From the secret's 32 bytes.</summary>
    public Ed25519Key(ReadOnlySpan<byte> secret)
    {
        if (secret.Length != KeyBytes)
        {
            throw new ArgumentException($"'secret' has {secret.Length} bytes; an Ed25519 key has {KeyBytes}.");
        }

        _key = Key.Import(s_algorithm, secret, KeyBlobFormat.RawPrivateKey);
        PublicKey = _key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    /// <summary>Where the key of whoever uses this machine lies: <c>physintuition/method.key</c> in the folder of
    /// settings, <c>~/.config</c> or <c>XDG_CONFIG_HOME</c>.</summary>
    public static string UserFile => Path.Combine(
        Environment.GetFolderPath(
            Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "physintuition", "method.key");

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

        var text = File.ReadAllText(path).Trim();
        return text.Length == 2 * KeyBytes && text.All(char.IsAsciiHexDigit)
            ? new Ed25519Key(Convert.FromHexString(text))
            : throw new IOException(
                $"'{path}' holds no key: {2 * KeyBytes} hex digits. Name another file, or remove it.");
    }

    /// <summary>64 bytes; the same data always gets the same signature.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) => s_algorithm.Sign(_key, data);

    /// <summary>Whether the signature was made over exactly this data by the owner of the key. False for keys of low
    /// order or in another form than the standard's, under which anybody could sign.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        NSec.Cryptography.PublicKey.TryImport(s_algorithm, publicKey, KeyBlobFormat.RawPublicKey, out var key) &&
        s_algorithm.Verify(key!, data, signature);

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

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
}
