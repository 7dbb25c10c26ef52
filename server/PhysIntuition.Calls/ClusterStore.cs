namespace PhysIntuition.Server;

/// <summary>The address of a cluster's store, as <see cref="ClusterOptions.Store"/> gives it.</summary>
/// <param name="Address">Checked.</param>
internal sealed record ClusterStore(Uri Address)
{
    private const string Rule = "must be redis://HOST:PORT or postgres://HOST/DATABASE";

    private static readonly string[] s_schemes = ["redis", "rediss", "postgres", "postgresql"];

    /// <summary>Whether Redis keeps it; else PostgreSQL does.</summary>
    public bool IsRedis => Address.Scheme.StartsWith("redis", StringComparison.Ordinal);

    /// <summary>Whether the way to Redis is encrypted: rediss.</summary>
    public bool IsSecure => Address.Scheme == "rediss";

    /// <summary>The port, or the usual one.</summary>
    public int Port => Address.Port > 0 ? Address.Port : IsRedis ? 6379 : 5432;

    /// <summary>Redis' number or PostgreSQL's name of the database.</summary>
    public string Database => Uri.UnescapeDataString(Address.AbsolutePath.Trim('/'));

    /// <summary>User and password; empty where there is none.</summary>
    public (string User, string Password) Credentials
    {
        get
        {
            var parts = Address.UserInfo.Split(':', 2);
            return (Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }
    }

    /// <summary>What is wrong with an address, after "it"; null: nothing.</summary>
    public static string? WhyWrong(string text)
    {
        var scheme = text.Split("://", 2)[0];
        if (!text.Contains("://", StringComparison.Ordinal))
        {
            return Rule;
        }

        if (!s_schemes.Contains(scheme))
        {
            return Rule + (KnownNames.Near(scheme, s_schemes) is { } meant ? $". Did you mean '{meant}://'?" : "");
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Host.Length == 0)
        {
            return $"has no host; it {Rule}";
        }

        var store = new ClusterStore(address);
        if (address.Query.Length > 0 || address.Fragment.Length > 0)
        {
            return $"ends with '{address.Query}{address.Fragment}'; it {Rule}";
        }

        return store.IsRedis
            ? store.Database.Length == 0 || int.TryParse(store.Database, out var number) && number >= 0
                ? null
                : $"names the database '{store.Database}'; Redis' databases have numbers: redis://HOST:PORT/0"
            : store.Database.Length == 0 || store.Database.Contains('/', StringComparison.Ordinal)
                ? "names no database; it must end with one: postgres://HOST/DATABASE"
                : null;
    }

    /// <summary>An address without its password.</summary>
    public static string Shown(string text)
    {
        var (from, at) = (text.IndexOf("://", StringComparison.Ordinal), text.LastIndexOf('@'));
        return from >= 0 && at > from ? $"{text[..(from + 3)]}***{text[at..]}" : text;
    }

    /// <inheritdoc/>
    public override string ToString() => Shown(Address.OriginalString);
}
