namespace PhysIntuition.Server;

/// <summary>A section of the settings: a record whose attributes say what its values may be.</summary>
internal interface ISection
{
    /// <summary>Configuration path, such as PhysIntuition:Limits.</summary>
    static abstract string Path { get; }

    /// <summary>What no attribute can say: rules between settings, files that must be there.</summary>
    IEnumerable<SettingFault> Check() => [];
}

/// <summary>A setting that breaks a rule.</summary>
/// <param name="Key">Name in its section.</param>
/// <param name="Value">What it is.</param>
/// <param name="Rule">What is allowed: "must be in [1, 10]".</param>
internal readonly record struct SettingFault(string Key, object? Value, string Rule);

/// <summary>A setting must be one of these.</summary>
/// <param name="values">What is allowed, in the order in which people are told.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OneOfAttribute(params object[] values) : Attribute
{
    /// <summary>Whether a value is among them.</summary>
    public bool Allows(object? value) => values.Contains(value);

    /// <summary>"1, 8 or 16".</summary>
    public override string ToString() => $"{string.Join(", ", values[..^1])} or {values[^1]}";
}
