using System.Text.Json;
using System.Text.Json.Nodes;

namespace PhysIntuition.Server.OpenEnv;

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
