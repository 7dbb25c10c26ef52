using System.Globalization;
using System.Reflection;
using PhysIntuition.Environments.Options;

namespace PhysIntuition.Server.Options;

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
