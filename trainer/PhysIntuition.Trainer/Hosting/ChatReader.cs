namespace PhysIntuition.Trainer.Hosting;

/// <summary>Reads the members of a request's JSON object; says of what is wrong field, value, rule, remedy.</summary>
/// <param name="body">The object.</param>
internal sealed class ChatReader(JsonElement body)
{
    /// <summary>Refuses a member.</summary>
    /// <param name="field">Its path.</param>
    /// <param name="value">What it is.</param>
    /// <param name="rule">What it must be, and what to do.</param>
    public static PhysIntuitionException Wrong(string field, JsonElement value, string rule)
    {
        const int longest = 80;
        var text = value.GetRawText();
        return new PhysIntuitionException(Fault.InvalidArgument, field,
            $"'{field}' is {(text.Length > longest ? text[..longest] + " ..." : text)}; {rule}");
    }

    /// <summary>The JSON object of a body.</summary>
    /// <exception cref="PhysIntuitionException">It is none.</exception>
    public static async Task<JsonElement> ReadAsync(Stream body, CancellationToken cancellation)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(body, default, cancellation).ConfigureAwait(false);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw Wrong("body", document.RootElement, "must be a JSON object, as {\"model\": ...}.");
        }
        catch (JsonException wrong)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "body",
                $"'body' is no JSON: {wrong.Message} Send a JSON object, as {{\"model\": ...}}.");
        }
    }

    /// <summary>Refuses members that nobody knows.</summary>
    public void RequireKnown(IReadOnlyCollection<string> known)
    {
        foreach (var member in body.EnumerateObject().Where(member => !known.Contains(member.Name)))
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, member.Name,
                $"'{member.Name}' is no member of this request.{KnownNames.Hint(member.Name, known)} Leave it out.");
        }
    }

    /// <summary>The member; null where it is absent or null.</summary>
    public JsonElement? Find(string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A member that must be there.</summary>
    public JsonElement Need(string name, string remedy) => Find(name)
        ?? throw new PhysIntuitionException(Fault.InvalidArgument, name, $"'{name}' is missing; {remedy}");

    public string? Text(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Wrong(name, value, "must be a text.");

    public bool Flag(string name) => Find(name) is { } value && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name, value, "must be true or false."),
    };

    public double Number(string name, double otherwise, double min, double max) => Find(name) is not { } value
        ? otherwise
        : value.ValueKind == JsonValueKind.Number && value.GetDouble() is var number && number >= min && number <= max
            ? number
            : throw Wrong(name, value, $"must be a number in [{min}, {max}].");

    public int? Whole(string name, int min, int max) => Find(name) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max
            ? number
            : throw Wrong(name, value, $"must be a whole number in [{min}, {max}].");
}
