using System.Net;

namespace PhysIntuition.Server;

/// <summary>The cluster that the server joins. Section <c>PhysIntuition:Cluster</c>; without a store it joins none.
/// </summary>
public sealed record ClusterOptions : ISection
{
    /// <summary>Configuration path of this section.</summary>
    public const string Section = "PhysIntuition:Cluster";

    /// <summary>Where servers meet and durable sessions are kept: redis://HOST:PORT or postgres://HOST/DATABASE; empty:
    /// no cluster.</summary>
    public string Store { get; init; } = "";

    /// <summary>Servers of the same name at the same store are one cluster.</summary>
    public string Name { get; init; } = "physintuition";

    /// <summary>IP address at which the other servers reach this one; empty: that of Listen, or the machine's own.
    /// </summary>
    public string Address { get; init; } = "";

    /// <summary>Port at which the other servers reach this one; 0: any free one.</summary>
    [Within(0, 65_535)]
    public int Port { get; init; } = 11_111;

    /// <summary>Calls after which an environment's journal becomes a snapshot.</summary>
    [Within(1, 64)]
    public int SnapshotEvery { get; init; } = 64;

    /// <summary>How long a call waits for the store, or for a session's server to be replaced.</summary>
    [Within(1, 600)]
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    static string ISection.Path => Section;

    IEnumerable<SettingFault> ISection.Check()
    {
        if (Store.Length > 0 && ClusterStore.WhyWrong(Store) is { } wrong)
        {
            yield return new SettingFault(nameof(Store), ClusterStore.Shown(Store), wrong);
        }

        if (Name.Length is 0 or > 64 || Name.Any(sign => !char.IsAsciiLetterOrDigit(sign) && sign is not ('-' or '_')))
        {
            yield return new SettingFault(nameof(Name), Name, "must have 1 to 64 of the signs A-Z a-z 0-9 - _");
        }

        if (Address.Length > 0 && !IPAddress.TryParse(Address, out _))
        {
            yield return new SettingFault(nameof(Address), Address, "must be an IP address such as 10.0.0.7");
        }
    }
}
