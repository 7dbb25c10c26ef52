using Microsoft.Extensions.Options;

namespace PhysIntuition.Server.Options;

/// <summary>Collects every fault of a section, so that one start shows them all.</summary>
/// <param name="section">Configuration path, the beginning of every message.</param>
internal sealed class FaultList(string section)
{
    private readonly List<string> _faults = [];

    /// <summary>Adds a fault unless min &lt;= value &lt;= max.</summary>
    public void Range<T>(string key, T value, T min, T max)
        where T : IComparable<T>
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
        {
            Add(key, value, $"must be in [{min}, {max}]");
        }
    }

    /// <summary>Adds a fault where <paramref name="isLegal"/> does not hold.</summary>
    public void Require(bool isLegal, string key, object value, string rule)
    {
        if (!isLegal)
        {
            Add(key, value, rule);
        }
    }

    /// <summary>Success, or all faults.</summary>
    public ValidateOptionsResult ToResult() =>
        _faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_faults);

    private void Add(string key, object value, string rule) =>
        _faults.Add($"{section}:{key} is '{value}'; {rule}.");
}
