using System.Security.Cryptography;

namespace PhysIntuition.Server.Commands;

/// <summary>Which servers' keys are trusted: the one that is named, or those of a file, as ssh has one.</summary>
internal static class TrustedKeys
{
    private const int HexDigits = 64;

    private static readonly Option<string?> s_key = new("--key")
    {
        Description = "The public key that you trust, hex; 'leaderboard seasons' prints a server's.",
    };

    private static readonly Option<FileInfo> s_known = new("--known-keys")
    {
        Description = "Keys that are trusted where --key names none: one in each line, hex.",
        DefaultValueFactory = _ => new FileInfo(Path.Combine(
            Path.GetDirectoryName(Ed25519Key.UserFile)!, "known_keys")),
    };

    private static readonly Option<bool> s_trust = new("--trust")
    {
        Description = "Add the key of what is checked to the known ones. Compare its fingerprint first.",
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(s_key);
        command.Options.Add(s_known);
        command.Options.Add(s_trust);
    }

    /// <summary>Why a key is not trusted; null: it is.</summary>
    /// <param name="arguments">Hold the options.</param>
    /// <param name="key">Hex.</param>
    public static string? Refuse(ParseResult arguments, string key)
    {
        if (arguments.GetValue(s_key) is { } named)
        {
            if (named.Length != HexDigits || !named.All(char.IsAsciiHexDigit))
            {
                throw new PhysIntuitionException(Fault.InvalidArgument, "--key",
                    $"'--key' is '{named}'; a public key has {HexDigits} hex digits. 'leaderboard seasons' prints a " +
                    "server's.");
            }

            return string.Equals(named, key, StringComparison.OrdinalIgnoreCase) ? null
                : $"It is signed by {Describe(key)}; the trusted one is {Describe(named)}.";
        }

        var file = arguments.GetValue(s_known)!;
        if (IsKnown(file, key))
        {
            return null;
        }

        if (!arguments.GetValue(s_trust))
        {
            return $"It is signed by {Describe(key)}, which is not among the keys of {file.FullName}: anybody could " +
                "have signed it. If the key is the server's, name it with --key, or trust it from now on with --trust.";
        }

        Directory.CreateDirectory(file.DirectoryName!);
        File.AppendAllText(file.FullName, $"{key} trusted on {DateTime.UtcNow:yyyy-MM-dd}\n");
        return null;
    }

    /// <summary>A key and its fingerprint, which is easier to compare.</summary>
    public static string Describe(string key) => key.Length == HexDigits && key.All(char.IsAsciiHexDigit)
        ? $"{key} (SHA256:{Convert.ToBase64String(SHA256.HashData(Convert.FromHexString(key))).TrimEnd('=')})"
        : $"'{key}'";

    private static bool IsKnown(FileInfo file, string key) => File.Exists(file.FullName) &&
        File.ReadLines(file.FullName).Select(line => line.Split(' ', 2)[0]).Any(known =>
            known.Length == HexDigits && string.Equals(known, key, StringComparison.OrdinalIgnoreCase));
}
