using System.ComponentModel;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;

namespace PhysIntuition.Server.Trainers;

/// <summary>Records from and to JSON, with a sentence about the first field that is wrong.</summary>
internal static class JsonFields
{
    private static readonly JsonSchemaExporterOptions s_schemas =
        new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Describe };

    private static readonly JsonSerializerOptions s_shown =
        new(JsonSerializerOptions.Default) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>How records are written and read.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>A record as a JSON object.</summary>
    public static JsonObject Write<T>(T record) => (JsonObject)JsonSerializer.SerializeToNode(record, Options)!;

    /// <summary>Reads a record; every field is checked, and none is ignored.</summary>
    /// <param name="data">The object.</param>
    /// <param name="call">What it was sent for, as messages name it.</param>
    /// <exception cref="PhysIntuitionException">A field is unknown, absent or of another kind.</exception>
    public static T Read<T>(JsonObject data, string call)
    {
        var fields = Options.GetTypeInfo(typeof(T)).Properties;
        string[] names = [.. fields.Select(field => field.Name)];
        foreach (var (name, _) in data)
        {
            if (!names.Contains(name))
            {
                throw OpenEnvFault.Invalid(name, $"'{name}' is no field of {call}; there " +
                    $"{(names.Length == 1 ? "is" : "are")} {string.Join(", ", names)}. Leave it out." +
                    KnownNames.Hint(name, names));
            }
        }

        if (fields.FirstOrDefault(field => field.IsRequired && data[field.Name] is null) is { } absent)
        {
            throw OpenEnvFault.Invalid(absent.Name, $"'{absent.Name}' is absent; {call} wants it. Send one.");
        }

        foreach (var field in fields.Where(field => data[field.Name] is not null))
        {
            Check(field.Name, data[field.Name]!, Nullable.GetUnderlyingType(field.PropertyType) ?? field.PropertyType);
        }

        return data.Deserialize<T>(Options)!;
    }

    /// <summary>A value as messages show it, not too long.</summary>
    public static string Show(JsonNode value)
    {
        const int most = 100;

        var text = value.ToJsonString(s_shown);
        return text.Length <= most ? text : string.Concat(text.AsSpan(0, most), "...");
    }

    /// <summary>JSON Schema of a record.</summary>
    public static JsonObject SchemaOf(Type record) => (JsonObject)Options.GetJsonSchemaAsNode(record, s_schemas);

    private static void Check(string field, JsonNode value, Type type)
    {
        try
        {
            _ = value.Deserialize(type, Options);
        }
        catch (JsonException)
        {
            throw OpenEnvFault.Invalid(field, $"'{field}' is {Show(value)}; it must be {Kind(type)}. Send one.");
        }
    }

    private static string Kind(Type type) => type switch
    {
        _ when type == typeof(string) => "a text",
        _ when type == typeof(ulong) => $"a whole number from 0 to {ulong.MaxValue}",
        _ when type == typeof(uint) => $"a whole number from 0 to {uint.MaxValue}",
        _ when type == typeof(double) => "a number",
        _ => "an object",
    };

    // Descriptions; and what may be absent is left out rather than null, which not every model's tools know.
    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (schema is JsonObject node)
        {
            if (node["type"] is JsonArray kinds && context.PropertyInfo is not { IsRequired: true })
            {
                node["type"] = kinds.Select(kind => (string)kind!).First(kind => kind != "null");
            }

            if (context.PropertyInfo?.AttributeProvider is MemberInfo member &&
                member.GetCustomAttribute<DescriptionAttribute>() is { } text)
            {
                node["description"] = text.Description;
            }
        }

        return schema;
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerOptions.Default)
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            RespectRequiredConstructorParameters = true,
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}

/// <summary>JSON from strangers: checked as a whole before anything of it is looked at.</summary>
/// <remarks>JsonNode decodes texts and finds doubled names only when they are asked for; that is too late.</remarks>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads and parses the body of a request; an empty one is null.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="PhysIntuition.Faults.PhysIntuitionException">It is longer than allowed.</exception>
    public static async Task<JsonNode?> ReadAsync(HttpContext http, int maxBytes)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await http.Request.Body.ReadAsync(buffer, http.RequestAborted) is > 0 and var count)
        {
            body.Write(buffer, 0, count);
            if (body.Length > maxBytes)
            {
                throw OpenEnvFault.Invalid("body",
                    $"The body has more than {maxBytes} bytes, the most that is taken. Send it in parts.");
            }
        }

        return body.Length == 0 ? null : Parse(body.GetBuffer().AsSpan(0, (int)body.Length));
    }

    /// <summary>Reads the body of a request that is an object; an empty one is null.</summary>
    /// <exception cref="PhysIntuition.Faults.PhysIntuitionException">It is something else, or longer than
    /// allowed.</exception>
    public static async Task<JsonObject?> ReadObjectAsync(HttpContext http, int maxBytes)
    {
        try
        {
            return await ReadAsync(http, maxBytes) switch
            {
                null => null,
                JsonObject body => body,
                _ => throw new JsonException("it is another kind of value."),
            };
        }
        catch (JsonException wrong)
        {
            throw OpenEnvFault.Invalid("body", $"The body is not a JSON object: {wrong.Message}");
        }
    }

    /// <summary>Parses a text.</summary>
    /// <exception cref="JsonException">It is no JSON, or holds a name twice, or a text that is no Unicode.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    _ = reader.GetString();
                }
            }
        }
        catch (InvalidOperationException wrong)
        {
            throw new JsonException($"A text is no valid Unicode: {wrong.Message}", wrong);
        }

        return JsonNode.Parse(utf8, documentOptions: s_strict);
    }
}
