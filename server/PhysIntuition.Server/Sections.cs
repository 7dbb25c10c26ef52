using System.Reflection;

namespace PhysIntuition.Server;

/// <summary>The sections of the settings: each line names one, and by that reads, checks and documents it.</summary>
internal sealed class Sections
{
    private readonly List<Section> _all = [];

    /// <summary>Those of the server.</summary>
    public static Sections OfServer { get; } = new Sections()
        .AddSection<ListenOptions>()
        .AddSection<LeaseOptions>()
        .AddSection<LimitOptions>()
        .AddSection<EngineOptions>()
        .AddSection<TelemetryOptions>()
        .AddSection<LeaderboardOptions>()
        .AddSection<ClusterOptions>();

    /// <summary>Path and record of each, in the order of the documentation.</summary>
    public IEnumerable<(string Path, Type Type)> All => _all.Select(section => (section.Path, section.Type));

    /// <summary>Adds a section.</summary>
    public Sections AddSection<T>()
        where T : class, ISection, new()
    {
        _all.Add(new Section(T.Path, typeof(T), (settings, configuration) =>
        {
            var bound = configuration.GetSection(T.Path).Get<T>() ?? new T();
            settings.Add(bound);
            return SettingRules.FaultsOf(bound);
        }));
        return this;
    }

    /// <summary>Reads all of them; nothing else of the configuration may be set.</summary>
    /// <param name="configuration">All settings.</param>
    /// <exception cref="OptionsValidationException">Settings are wrong; the message lists all faults.</exception>
    public Settings Read(IConfiguration configuration)
    {
        var settings = new Settings();
        var faults = FindUnknown(configuration).ToList();
        foreach (var section in _all)
        {
            try
            {
                faults.AddRange(section.Read(settings, configuration));
            }
            catch (InvalidOperationException wrong)
            {
                faults.Add(wrong.Message);
            }
        }

        return faults.Count == 0
            ? settings
            : throw new OptionsValidationException(Hosting.Configuration.Root, typeof(Sections), faults);
    }

    // A misspelt limit must not be ignored.
    private IEnumerable<string> FindUnknown(IConfiguration configuration)
    {
        foreach (var found in configuration.GetSection(Hosting.Configuration.Root).GetChildren())
        {
            var section = _all.Find(known => known.Path.Equals(found.Path, StringComparison.OrdinalIgnoreCase));
            if (section is null)
            {
                var paths = string.Join(", ", _all.Select(known => known.Path).Order(StringComparer.Ordinal));
                yield return $"{found.Path} is no section; there are {paths}.";
                continue;
            }

            string[] names = [.. section.Type.GetProperties().Select(property => property.Name)];
            foreach (var key in found.GetChildren())
            {
                if (!names.Contains(key.Key, StringComparer.OrdinalIgnoreCase))
                {
                    yield return $"{key.Path} is no setting; {found.Path} has {string.Join(", ", names)}.";
                }
            }
        }
    }

    private sealed record Section(
        string Path, Type Type, Func<Settings, IConfiguration, IEnumerable<string>> Read);
}

/// <summary>All sections as they were read.</summary>
internal sealed class Settings
{
    private readonly Dictionary<Type, object> _sections = [];
    private readonly List<Action<IServiceCollection>> _registrations = [];

    /// <summary>One of them.</summary>
    public T Get<T>()
        where T : class, ISection => (T)_sections[typeof(T)];

    /// <summary>Lets services ask for each as IOptions of its record.</summary>
    public void Register(IServiceCollection services) => _registrations.ForEach(register => register(services));

    /// <summary>Keeps a section.</summary>
    public void Add<T>(T section)
        where T : class, ISection
    {
        _sections.Add(typeof(T), section);
        _registrations.Add(services =>
            services.AddSingleton(Microsoft.Extensions.Options.Options.Create(section)));
    }
}

/// <summary>The rules that attributes on sections stand for.</summary>
internal static class SettingRules
{
    /// <summary>Everything that a section's values break, as sentences.</summary>
    public static List<string> FaultsOf<T>(T section)
        where T : class, ISection
    {
        var faults = new List<string>();
        foreach (var property in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            foreach (var rule in property.GetCustomAttributes(inherit: false))
            {
                if (property.GetValue(section) is { } value && RuleBroken(rule, value) is { } broken)
                {
                    faults.Add(Sentence<T>(new SettingFault(property.Name, value, $"must be {broken}")));
                }
            }
        }

        foreach (var fault in section.Check())
        {
            faults.Add(Sentence<T>(fault));
        }

        return faults;
    }

    private static string Sentence<T>(SettingFault fault)
        where T : ISection => string.Create(
            CultureInfo.InvariantCulture, $"{T.Path}:{fault.Key} is '{fault.Value}'; {fault.Rule}.");

    private static string? RuleBroken(object rule, object value) => rule switch
    {
        WithinAttribute range when !range.Allows(NumberOf(value)) => RuleOf(range, value),
        OneOfAttribute choice when !choice.Allows(value) => choice.ToString(),
        _ => null,
    };

    // Times are compared, and told, as times; their rules are in seconds.
    private static double NumberOf(object value) => value is TimeSpan time
        ? time.TotalSeconds
        : Convert.ToDouble(value, CultureInfo.InvariantCulture);

    private static string RuleOf(WithinAttribute range, object value) => value is TimeSpan
        ? $"in [{TimeSpan.FromSeconds(range.Min)}, {TimeSpan.FromSeconds(range.Max)}]"
        : range.ToString();
}
