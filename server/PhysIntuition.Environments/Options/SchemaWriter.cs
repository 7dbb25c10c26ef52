using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using NJsonSchema;
using NJsonSchema.Generation;

namespace PhysIntuition.Environments.Options;

/// <summary>Writes the JSON Schema of a record of options.</summary>
/// <remarks>It asks types about themselves, which a program that was compiled ahead of time cannot.</remarks>
internal static class SchemaWriter
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>The schema, over several lines.</summary>
    public static string Write(Type type)
    {
        var schema = JsonSchema.FromType(type, new SystemTextJsonSchemaGeneratorSettings
        {
            AllowReferencesWithProperties = true,
            FlattenInheritanceHierarchy = true,
            DefaultReferenceTypeNullHandling = ReferenceTypeNullHandling.NotNull,
            SerializerOptions = s_json,
        });
        Apply(schema, type);
        return schema.ToJson();
    }

    // The legal ends of ranges: references cannot carry them, so each range gets a schema of its own.
    private static void Apply(JsonSchema schema, Type type)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            if (!schema.ActualSchema.Properties.TryGetValue(name, out var target))
            {
                continue;
            }

            if (property.GetCustomAttribute<WithinAttribute>() is { } rule)
            {
                Inline(target, property.PropertyType == typeof(Between), rule);
            }
            else if (OptionRules.IsOptionRecord(property.PropertyType))
            {
                Apply(target.ActualTypeSchema, property.PropertyType);
            }
        }
    }

    private static void Inline(JsonSchemaProperty target, bool isInteger, WithinAttribute rule)
    {
        target.Reference = null;
        target.OneOf.Clear();
        target.AllOf.Clear();
        target.Type = JsonObjectType.Object;
        target.AllowAdditionalProperties = false;
        foreach (var end in (string[])["min", "max"])
        {
            target.Properties[end] = new JsonSchemaProperty
            {
                Type = isInteger ? JsonObjectType.Integer : JsonObjectType.Number,
                Minimum = (decimal)rule.Min,
                Maximum = (decimal)rule.Max,
                IsRequired = true,
            };
        }
    }
}
