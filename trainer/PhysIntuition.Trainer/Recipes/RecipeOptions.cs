using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>Options that know their rules.</summary>
public interface ICheckedOptions
{
    /// <summary>Everything that is out of range, one sentence each.</summary>
    IEnumerable<string> Faults();
}

/// <summary>Recipe options from a preset, a JSON file and single values, later ones winning.</summary>
internal static class RecipeOptions
{
    /// <summary>camelCase names, enums as words, unknown names refused.</summary>
    public static JsonSerializerOptions Format { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        WriteIndented = true,
    };

    /// <summary>Reads and checks options.</summary>
    /// <param name="preset">What to start from.</param>
    /// <param name="file">A JSON object in a file, or null.</param>
    /// <param name="values">Single values by camelCase name, as text.</param>
    /// <exception cref="ArgumentException">A value is unknown or out of range; the message names each.</exception>
    public static T Read<T>(T preset, string? file, IEnumerable<KeyValuePair<string, string>> values)
        where T : ICheckedOptions
    {
        try
        {
            var json = JsonSerializer.SerializeToNode(preset, Format)!.AsObject();
            if (file is not null)
            {
                OptionsReader.Overlay(json, ReadFile(file));
            }

            foreach (var (name, value) in values)
            {
                var isText = typeof(T).GetProperty(char.ToUpperInvariant(name[0]) + name[1..])?.PropertyType
                    is { } type && (type == typeof(string) || type.IsEnum);
                json[name] = isText ? JsonValue.Create(value) : ReadValue(name, value);
            }

            return Unknown(json, typeof(T)) is { } unknown
                ? throw new ArgumentException(unknown)
                : Check(json.Deserialize<T>(Format)!);
        }
        catch (JsonException error)
        {
            throw new ArgumentException($"The options cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Says which name no record has, at whatever depth; null: every name is known.</summary>
    /// <param name="json">Options, or a part of them.</param>
    /// <param name="type">The type that they are read as; a <see cref="JsonObject"/> takes any name.</param>
    /// <param name="path">What stands before their names, with a dot at its end.</param>
    public static string? Unknown(JsonNode? json, Type type, string path = "")
    {
        var info = Format.GetTypeInfo(type);
        if (json is JsonArray items && info.Kind == JsonTypeInfoKind.Enumerable)
        {
            return items.Select((item, i) => Unknown(item, info.ElementType!, $"{path.TrimEnd('.')}[{i}]."))
                .FirstOrDefault(fault => fault is not null);
        }

        if (json is not JsonObject knobs || info.Kind != JsonTypeInfoKind.Object)
        {
            return null;
        }

        var known = info.Properties.Where(knob => knob.Get is not null)
            .ToDictionary(knob => knob.Name, knob => knob.PropertyType);
        return knobs.Select(knob => known.TryGetValue(knob.Key, out var own)
                ? Unknown(knob.Value, own, $"{path}{knob.Key}.")
                : $"'{path}{knob.Key}' is no knob." +
                    (KnownNames.Near(knob.Key, known.Keys) is { } meant ? $" Did you mean '{path}{meant}'?" : ""))
            .FirstOrDefault(fault => fault is not null);
    }

    private static JsonObject ReadFile(string file) => JsonNode.Parse(File.ReadAllText(file)) as JsonObject
        ?? throw new ArgumentException($"{file} holds no JSON object; write {{\"steps\": 100, ...}}.");

    private static JsonNode? ReadValue(string name, string value)
    {
        try
        {
            return JsonNode.Parse(value);
        }
        catch (JsonException error)
        {
            throw new ArgumentException(
                $"{name} is '{value}'; must be a number, true or false, or JSON where a list is wanted.", error);
        }
    }

    private static T Check<T>(T options)
        where T : ICheckedOptions
    {
        var faults = options.Faults().ToArray();
        return faults.Length == 0 ? options : throw new ArgumentException(string.Join(' ', faults));
    }
}
