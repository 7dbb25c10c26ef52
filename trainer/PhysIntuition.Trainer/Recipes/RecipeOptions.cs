using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using PhysIntuition.Faults;

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
            string[] known = [.. json.Select(knob => knob.Key)];
            if (file is not null)
            {
                Overlay(json, ReadFile(file));
            }

            foreach (var (name, value) in values)
            {
                var isText = typeof(T).GetProperty(char.ToUpperInvariant(name[0]) + name[1..])?.PropertyType
                    is { } type && (type == typeof(string) || type.IsEnum);
                json[name] = isText ? JsonValue.Create(value) : ReadValue(name, value);
            }

            return json.Select(knob => knob.Key).Except(known).FirstOrDefault() is { } unknown
                ? throw new ArgumentException($"'{unknown}' is no knob.{KnownNames.Hint(unknown, known)}")
                : Check(json.Deserialize<T>(Format)!);
        }
        catch (JsonException error)
        {
            throw new ArgumentException($"The options cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Puts values over others; objects within objects keep what is not named.</summary>
    public static void Overlay(JsonObject json, JsonObject values)
    {
        foreach (var (name, value) in values)
        {
            if (value is JsonObject inner && json[name] is JsonObject known)
            {
                Overlay(known, inner);
            }
            else
            {
                json[name] = value?.DeepClone();
            }
        }
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
