using System.Globalization;
using System.Reflection;
using PhysIntuition.Environments.Options;

namespace PhysIntuition.Server.Options;

/// <summary>The rules that attributes on sections stand for.</summary>
internal static class SettingRules
{
    /// <summary>Everything that a section's values break, as sentences.</summary>
    public static IEnumerable<string> FaultsOf<T>(T section)
        where T : class, ISection =>
        from fault in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .SelectMany(property => FaultsOf(property, property.GetValue(section))).Concat(section.Check())
        select string.Create(CultureInfo.InvariantCulture, $"{T.Path}:{fault.Key} is '{fault.Value}'; {fault.Rule}.");

    private static IEnumerable<SettingFault> FaultsOf(PropertyInfo property, object? value)
    {
        if (value is not null && property.GetCustomAttribute<WithinAttribute>() is { } range &&
            !range.Allows(NumberOf(value)))
        {
            yield return new SettingFault(property.Name, value, $"must be {RuleOf(range, value)}");
        }

        if (property.GetCustomAttribute<OneOfAttribute>() is { } choice && !choice.Allows(value))
        {
            yield return new SettingFault(property.Name, value, $"must be {choice}");
        }
    }

    // Times are compared, and told, as times; their rules are in seconds.
    private static double NumberOf(object value) => value is TimeSpan time
        ? time.TotalSeconds
        : Convert.ToDouble(value, CultureInfo.InvariantCulture);

    private static string RuleOf(WithinAttribute range, object value) => value is TimeSpan
        ? $"in [{TimeSpan.FromSeconds(range.Min)}, {TimeSpan.FromSeconds(range.Max)}]"
        : range.ToString();
}
