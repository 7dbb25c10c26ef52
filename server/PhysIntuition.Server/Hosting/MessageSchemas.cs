using Google.Protobuf.Reflection;
using Microsoft.OpenApi;

namespace PhysIntuition.Server.Hosting;

/// <summary>JSON Schemas of protobuf's messages, in their JSON mapping.</summary>
internal static class MessageSchemas
{
    /// <summary>A reference to a message's schema, which is added to the document.</summary>
    public static IOpenApiSchema Of(MessageDescriptor message, OpenApiDocument document)
    {
        var schemas = (document.Components ??= new()).Schemas ??= new Dictionary<string, IOpenApiSchema>();
        if (!schemas.ContainsKey(message.Name))
        {
            schemas[message.Name] = new OpenApiSchema();   // a message may hold itself
            schemas[message.Name] = Of(message.Fields.InDeclarationOrder(), document);
        }

        return new OpenApiSchemaReference(message.Name, document);
    }

    /// <summary>An object of fields.</summary>
    public static OpenApiSchema Of(IEnumerable<FieldDescriptor> fields, OpenApiDocument document) => new()
    {
        Type = JsonSchemaType.Object,
        AdditionalPropertiesAllowed = false,
        Properties = fields.ToDictionary(field => field.JsonName, field => Of(field, document)),
    };

    /// <summary>A reference to the schema of refusals: a problem (RFC 9457) with the fields of Error.</summary>
    public static IOpenApiSchema Problem(OpenApiDocument document)
    {
        const string name = "Problem";
        var schemas = (document.Components ??= new()).Schemas ??= new Dictionary<string, IOpenApiSchema>();
        if (!schemas.ContainsKey(name))
        {
            var problem = Of(Error.Descriptor.Fields.InDeclarationOrder(), document);
            problem.Properties!["title"] = new OpenApiSchema { Type = JsonSchemaType.String };
            problem.Properties["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer };
            problem.Properties["detail"] = new OpenApiSchema { Type = JsonSchemaType.String };
            problem.Required = new HashSet<string> { "title", "status", "detail" };
            schemas[name] = problem;
        }

        return new OpenApiSchemaReference(name, document);
    }

    /// <summary>A field's values.</summary>
    public static IOpenApiSchema Of(FieldDescriptor field, OpenApiDocument document) => field.IsRepeated
        ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = One(field, document) }
        : One(field, document);

    private static IOpenApiSchema One(FieldDescriptor field, OpenApiDocument document) => field.FieldType switch
    {
        FieldType.Message => Of(field.MessageType, document),
        FieldType.Bool => new OpenApiSchema { Type = JsonSchemaType.Boolean },
        FieldType.Double or FieldType.Float => new OpenApiSchema { Type = JsonSchemaType.Number },
        FieldType.Int32 or FieldType.UInt32 => new OpenApiSchema { Type = JsonSchemaType.Integer },
        FieldType.Bytes => new OpenApiSchema { Type = JsonSchemaType.String, Format = "byte" },
        // Numbers of 64 bits are texts there, and so are the names of enumerations.
        _ => new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
