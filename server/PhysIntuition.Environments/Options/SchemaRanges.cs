using System.Reflection;
using System.Text.Json;
using NJsonSchema;

namespace PhysIntuition.Environments.Options;

/// <summary>Writes the legal ends of ranges into a schema: references cannot carry them.</summary>
internal static class SchemaRanges
{
    /// <summary>Replaces each range property by a schema of its own with minimum and maximum.</summary>
    public static void Apply(JsonSchema schema, Type type)
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
