namespace PhysIntuition.Server.Hosting;

/// <summary>Settings from file, environment and flags; later sources win, in this order.</summary>
internal static class Configuration
{
    /// <summary>Root section of all settings.</summary>
    public const string Root = "PhysIntuition";

    /// <summary>Prefix of environment variables: PHYSINTUITION_LIMITS__MAXSLOTS sets Limits:MaxSlots.</summary>
    public const string EnvironmentPrefix = "PHYSINTUITION_";

    // Variables of the same prefix that clients read: where a server is, the token for it, their own engine's library.
    private static readonly string[] s_clients = ["SERVER", "TOKEN", "LIBRARY"];

    /// <summary>Adds all sources.</summary>
    /// <param name="configuration">Where they go.</param>
    /// <param name="file">JSON file with a section "PhysIntuition"; null: none.</param>
    /// <param name="flags">Pairs of a path below the root, such as Listen:Port, and a value; the last one wins.</param>
    public static void AddSources(
        IConfigurationBuilder configuration, FileInfo? file, IEnumerable<KeyValuePair<string, string?>> flags)
    {
        if (file is not null)
        {
            configuration.AddConfiguration(Read(file));
        }

        var variables = new ConfigurationBuilder().AddEnvironmentVariables(EnvironmentPrefix).Build();
        configuration.AddInMemoryCollection(UnderRoot(variables.AsEnumerable().Where(
            pair => !s_clients.Contains(pair.Key, StringComparer.OrdinalIgnoreCase))));
        configuration.AddInMemoryCollection(UnderRoot(flags));
    }

    // A file whose settings stand beside the section would be passed over without a word.
    private static IConfigurationRoot Read(FileInfo file)
    {
        IConfigurationRoot read;
        try
        {
            read = new ConfigurationBuilder()
                .AddJsonFile(file.FullName, optional: false, reloadOnChange: false).Build();
        }
        catch (Exception wrong) when (wrong is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "--config",
                $"'--config' is {file}, which cannot be read: {wrong.GetBaseException().Message}");
        }

        return read.GetSection(Root).Exists()
            ? read
            : throw new PhysIntuitionException(Fault.InvalidArgument, "--config",
                $"'--config' is {file}, which has no section \"{Root}\". Put its settings there: " +
                $"{{\"{Root}\": {{\"Limits\": {{\"MaxSessions\": 100}}}}}}.");
    }

    /// <summary>Reads "Limits:MaxSlots=100" as a pair.</summary>
    /// <exception cref="PhysIntuitionException">There is no equals sign.</exception>
    public static KeyValuePair<string, string?> ParseSetting(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at > 0
            ? new(text[..at], text[(at + 1)..])
            : throw new PhysIntuitionException(Fault.InvalidArgument, "--set",
                $"'--set' is '{text}'; expected Section:Key=Value, for example Limits:MaxSlots=100000.");
    }

    private static IEnumerable<KeyValuePair<string, string?>> UnderRoot(
        IEnumerable<KeyValuePair<string, string?>> pairs) =>
        from pair in pairs
        where pair.Value is not null
        group pair by $"{Root}:{pair.Key}".ToLowerInvariant() into same
        select KeyValuePair.Create($"{Root}:{same.Last().Key}", same.Last().Value);
}
