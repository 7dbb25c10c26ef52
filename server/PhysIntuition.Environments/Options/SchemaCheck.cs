using System.Text.Json;

namespace PhysIntuition.Environments.Options;

/// <summary>Says in sentences what is wrong with a JSON object, by the schema of a task's options.</summary>
/// <remarks>It reads the words that <see cref="SchemaWriter"/> writes and no others, and needs no code that is made at
/// run time, so that it works in a program that was compiled ahead of time.</remarks>
/// <param name="root">The whole schema, whose definitions references point to.</param>
internal sealed class SchemaCheck(JsonElement root)
{
    /// <summary>Everything that is wrong.</summary>
    public List<OptionFault> FaultsOf(JsonElement options)
    {
        var faults = new List<OptionFault>();
        Check(root, options, "", faults);
        return faults;
    }

    private void Check(JsonElement schema, JsonElement value, string path, List<OptionFault> faults)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            schema = root.GetProperty("definitions").GetProperty(reference.GetString()!["#/definitions/".Length..]);
        }

        var name = path.Length > 0 ? path : "options";
        var type = schema.GetProperty("type").GetString()!;
        if (value.ValueKind == JsonValueKind.Number)
        {
            CheckBounds(schema, value.GetDouble(), name, faults);
        }

        if (!IsOfType(value, type))
        {
            faults.Add(new(name, $"'{name}' is not legal ({type} expected)."));
        }

        if (schema.TryGetProperty("enum", out var words) &&
            !words.EnumerateArray().Any(word => word.ValueEquals(TextOf(value))))
        {
            faults.Add(new(name, $"'{name}' must be one of {string.Join(", ", words.EnumerateArray())}."));
        }

        if (schema.TryGetProperty("maxLength", out var most) && value.ValueKind == JsonValueKind.String &&
            value.GetString()!.Length > most.GetInt32())
        {
            faults.Add(new(name, $"'{name}' has more than {most.GetInt32()} characters."));
        }

        if (schema.TryGetProperty("properties", out var properties))
        {
            CheckProperties(schema, properties, value, path, faults);
        }
    }

    private void CheckProperties(
        JsonElement schema, JsonElement properties, JsonElement value, string path, List<OptionFault> faults)
    {
        var required = schema.TryGetProperty("required", out var names)
            ? names.EnumerateArray().Select(name => name.GetString()!).ToArray()
            : [];
        var isObject = value.ValueKind == JsonValueKind.Object;
        foreach (var property in properties.EnumerateObject())
        {
            var inner = Inside(path, property.Name);
            if (isObject && value.TryGetProperty(property.Name, out var given))
            {
                Check(property.Value, given, inner, faults);
            }
            else if (required.Contains(property.Name))
            {
                faults.Add(new(inner, $"'{inner}' is missing."));
            }
        }

        foreach (var given in isObject ? value.EnumerateObject() : default)
        {
            if (properties.TryGetProperty(given.Name, out _))
            {
                continue;
            }

            var inner = Inside(path, given.Name);
            var hint = KnownNames.Hint(given.Name, properties.EnumerateObject().Select(known => known.Name));
            faults.Add(new(inner, $"'{inner}' is not an option.{hint}"));
        }
    }

    private static void CheckBounds(JsonElement schema, double value, string name, List<OptionFault> faults)
    {
        if (schema.TryGetProperty("minimum", out var least) && schema.TryGetProperty("maximum", out var most) &&
            (value < least.GetDouble() || value > most.GetDouble()))
        {
            faults.Add(new(name, string.Create(CultureInfo.InvariantCulture,
                $"'{name}' is {value}; it must lie in [{Show(least)}, {Show(most)}].")));
        }
    }

    private static bool IsOfType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        _ => throw new InvalidOperationException($"A schema of options names the type '{type}'."),
    };

    private static string Inside(string path, string name) => path.Length > 0 ? $"{path}.{name}" : name;

    private static string TextOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static string Show(JsonElement bound) => bound.GetDouble().ToString(CultureInfo.InvariantCulture);
}
