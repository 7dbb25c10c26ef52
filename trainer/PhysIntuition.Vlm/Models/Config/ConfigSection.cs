using System.Text.Json;

namespace PhysIntuition.Vlm.Models;

/// <summary>One object of a config file; reads fields and names them when they are wrong.</summary>
internal sealed class ConfigSection(JsonElement json, string path, string prefix)
{
    internal ConfigSection? Section(string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? new ConfigSection(value, path, $"{prefix}{name}.")
            : null;

    internal string? Text(string name) => Find(name, JsonValueKind.String)?.GetString();

    internal bool? Flag(string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : null;

    internal int Int(string name, int? otherwise = null) =>
        Find(name, JsonValueKind.Number) is { } value
            ? value.TryGetInt32(out var number) && number > 0
                ? number
                : throw Fault(name, $"{value} must be a positive integer")
            : otherwise ?? throw Fault(name, "is missing");

    internal double Real(string name, double otherwise) => Real(name) ?? otherwise;

    internal double? Real(string name) => Find(name, JsonValueKind.Number)?.GetDouble();

    internal int[]? Ints(string name) =>
        Find(name, JsonValueKind.Array)?.EnumerateArray().Select(item => item.GetInt32()).ToArray();

    internal void Require(bool holds, string name, string rule)
    {
        if (!holds)
        {
            throw Fault(name, rule);
        }
    }

    private JsonElement? Find(string name, JsonValueKind kind)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == kind ? value : throw Fault(name, $"{value} must be of kind {kind}");
    }

    private InvalidDataException Fault(string name, string rule) => new($"{path}: {prefix}{name} {rule}.");
}
