namespace PhysIntuition.Server.Trainers;

/// <summary>The JSON that trainers send: one object, perhaps with columns that are nobody's business here.</summary>
internal static class TrainerBody
{
    // In texts as long as one answer may be: a whole batch's answers, or an exchange with its pictures.
    private const int Texts = 64;

    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="PhysIntuitionException">It is no JSON object.</exception>
    public static async Task<JsonObject> ReadAsync(HttpContext http)
    {
        var limits = http.RequestServices.GetRequiredService<IOptions<LimitOptions>>().Value;
        var most = (int)Math.Min((long)Texts * limits.MaxTextBytes, limits.MaxMessageBytes);
        return await JsonBody.ReadObjectAsync(http, most)
            ?? throw OpenEnvFault.Invalid("body", "The body is not a JSON object: it is empty.");
    }

    /// <summary>An object that must be there, such as "ids2seeds".</summary>
    public static JsonObject Map(JsonObject body, string field) => body[field] as JsonObject
        ?? throw OpenEnvFault.Invalid(field, $"'{field}' is {Shown(body[field])}; it must be an object. Send one.");

    /// <summary>A list of texts that must be there, such as "env_ids".</summary>
    public static string[] Names(JsonObject body, string field)
    {
        var list = body[field] as JsonArray
            ?? throw OpenEnvFault.Invalid(field, $"'{field}' is {Shown(body[field])}; it must be a list. Send one.");
        return [.. list.Select((name, place) => Text(name, $"{field}[{place}]"))];
    }

    /// <summary>A text.</summary>
    public static string Text(JsonNode? value, string field) =>
        value is JsonValue some && some.TryGetValue<string>(out var text)
            ? text
            : throw OpenEnvFault.Invalid(field, $"'{field}' is {Shown(value)}; it must be a text. Send one.");

    /// <summary>A seed; null: none.</summary>
    public static ulong? Seed(JsonNode? value, string field) => value switch
    {
        null => null,
        JsonValue number when number.TryGetValue<ulong>(out var seed) => seed,
        _ => throw OpenEnvFault.Invalid(field,
            $"'{field}' is {Shown(value)}; it must be a whole number from 0 to {ulong.MaxValue}. Send one."),
    };

    /// <summary>Refuses scenes whose rewards nobody may train on.</summary>
    public static void ThrowIfWithheld(SceneChoice scene, TaskSpec task)
    {
        if (Splits.Parse(scene.Split ?? "", task).Split == Split.Heldout)
        {
            Throw.NotAllowed("split", "WITHHELD",
                "'split' is 'heldout', whose rewards are withheld. Train on train, val or test.");
        }
    }

    /// <summary>An answer of a record's fields.</summary>
    public static IResult Answer<T>(T record) => Json(JsonFields.Write(record));

    /// <summary>An answer of JSON.</summary>
    public static IResult Json(JsonNode reply) =>
        Results.Text(JsonSerializer.SerializeToUtf8Bytes(reply, JsonFields.Options), "application/json");

    private static string Shown(JsonNode? value) => value is null ? "absent" : JsonFields.Show(value);
}
