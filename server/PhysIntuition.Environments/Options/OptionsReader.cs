using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace PhysIntuition.Environments.Options;

/// <summary>Turns a JSON object into a task's options, or says everything that is wrong with it.</summary>
public static class OptionsReader
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        TypeInfoResolver = OptionsJson.Default,
        Converters =
        {
            Words<PaletteName>(), Words<Surface>(), Words<Ground>(), Words<Look>(), Words<Difficulty>(),
            Words<YesNoReward>(), Words<PlacementReward>(), Words<CountedAttempt>(), Words<AnswerForm>(),
            Words<Relation>(), Words<Difference>(), Words<Structure>(),
        },
    };

    private static readonly JsonSerializerOptions s_indented = new(s_json) { WriteIndented = true, NewLine = "\n" };

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    private static readonly ConcurrentDictionary<Type, string> s_schemas = new();
    private static readonly ConcurrentDictionary<Type, SchemaCheck> s_checks = new();

    // Slots and forks share their options, most often all of them the same.
    private static readonly ConditionalWeakTable<TaskOptions, string> s_written = [];

    /// <summary>The defaults of a task.</summary>
    public static TaskOptions DefaultsOf(TaskSpec spec) => (TaskOptions)Activator.CreateInstance(spec.OptionsType)!;

    /// <summary>JSON Schema of a task's options, as text.</summary>
    public static string SchemaOf(TaskSpec spec) => SchemaFor(spec.OptionsType);

    /// <summary>Takes the schema of a task's options as it was written before, for a program that cannot write one
    /// because it was compiled ahead of time.</summary>
    public static void UseSchema(TaskSpec spec, string schema) => s_schemas[spec.OptionsType] = schema;

    /// <summary>Options as a JSON object with every field, so that a record of a run is complete.</summary>
    /// <param name="options">What to write.</param>
    /// <param name="isIndented">Over several lines, for people.</param>
    public static string Write(TaskOptions options, bool isIndented = false) => isIndented
        ? Serialize(options, s_indented) : s_written.GetValue(options, static options => Serialize(options, s_json));

    /// <summary>Options as the shortest JSON that means the same: names sorted, no blanks, nothing that is the task's
    /// default. Empty for the defaults.</summary>
    /// <exception cref="PhysIntuitionException">As <see cref="Read"/>.</exception>
    public static string Canonical(TaskSpec spec, string? json)
    {
        var options = Read(spec, json);
        var type = s_json.GetTypeInfo(spec.OptionsType);
        var defaults = (JsonObject)JsonSerializer.SerializeToNode(DefaultsOf(spec), type)!;
        var fields = (JsonObject)JsonSerializer.SerializeToNode(options, type)!;
        var own = new JsonObject(fields.Where(field => !JsonNode.DeepEquals(field.Value, defaults[field.Key])).Select(
            field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())));

        return own.Count == 0 ? "" : Sorted(own)!.ToJsonString();
    }

    /// <summary>Reads options; fields that are absent keep the task's defaults.</summary>
    /// <param name="spec">Whose options they are.</param>
    /// <param name="json">A JSON object; empty or null gives the defaults.</param>
    /// <exception cref="PhysIntuitionException">An option is unknown or out of range; the message names
    /// each.</exception>
    public static TaskOptions Read(TaskSpec spec, string? json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return DefaultsOf(spec);
        }

        ThrowOnFaults(spec, Validate(spec.OptionsType, json));
        var whole = JsonNode.Parse(Serialize(DefaultsOf(spec), s_json))!.AsObject();
        Overlay(whole, JsonNode.Parse(json, documentOptions: s_strict)!.AsObject());
        var options = (TaskOptions)whole.Deserialize(s_json.GetTypeInfo(spec.OptionsType))!;
        Check(spec, options);
        return options;
    }

    /// <summary>Checks the rules that a schema cannot say.</summary>
    /// <exception cref="PhysIntuitionException">A rule is broken; the message names each.</exception>
    public static void Check(TaskSpec spec, TaskOptions options)
    {
        if (options.GetType() != spec.OptionsType)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "options",
                $"'options' is a {options.GetType().Name}; {spec.Id} takes {spec.OptionsType.Name}.");
        }

        ThrowOnFaults(spec, [.. options.Check(), .. AttemptRule.Check(spec, options), .. CheckPairs(spec, options)]);
    }

    /// <summary>Puts values over others; objects within objects keep what is not named.</summary>
    public static void Overlay(JsonObject target, JsonObject source)
    {
        foreach (var (name, value) in source)
        {
            if (value is JsonObject inner && target[name] is JsonObject old)
            {
                Overlay(old, inner);
            }
            else
            {
                target[name] = value?.DeepClone();
            }
        }
    }

    private static IEnumerable<OptionFault> CheckPairs(TaskSpec spec, TaskOptions options)
    {
        if (options is IPairOptions { Pairs: true } && !spec.HasPairs)
        {
            yield return new("pairs", $"'pairs' is true; {spec.Id} has no pairs: it must be false.");
        }
    }

    private static JsonNode? Sorted(JsonNode? node) => node is JsonObject fields
        ? new JsonObject(fields.OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => KeyValuePair.Create(field.Key, Sorted(field.Value))))
        : node?.DeepClone();

    private static List<OptionFault> Validate(Type type, string json)
    {
        try
        {
            using var options = JsonDocument.Parse(json, s_strict);
            return s_checks.GetOrAdd(type, CheckFor).FaultsOf(options.RootElement);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            // The latter: a text with half a character in it.
            return [NoObject(wrong)];
        }
    }

    private static OptionFault NoObject(Exception wrong) =>
        new("options", $"'options' is not a JSON object: {wrong.Message}");

    private static SchemaCheck CheckFor(Type type)
    {
        using var schema = JsonDocument.Parse(SchemaFor(type));
        return new SchemaCheck(schema.RootElement.Clone());
    }

    private static string SchemaFor(Type type) => s_schemas.GetOrAdd(type, static type =>
        RuntimeFeature.IsDynamicCodeSupported
            ? SchemaWriter.Write(type)
            : throw new InvalidOperationException($"Nobody has told the schema of {type.Name}; see UseSchema."));

    private static JsonStringEnumConverter<T> Words<T>()
        where T : struct, Enum => new(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

    private static string Serialize(TaskOptions options, JsonSerializerOptions json) =>
        JsonSerializer.Serialize(options, json.GetTypeInfo(options.GetType()));

    private static void ThrowOnFaults(TaskSpec spec, List<OptionFault> faults)
    {
        if (faults.Count > 0)
        {
            var known = $"'tasks {spec.Id}' lists what {spec.Id} takes.";
            var path = faults[0].Path == "options" ? "options" : $"options.{faults[0].Path}";
            throw new PhysIntuitionException(Fault.InvalidArgument, path,
                string.Join(' ', faults.Select(fault => fault.Message).Append(known)));
        }
    }
}
