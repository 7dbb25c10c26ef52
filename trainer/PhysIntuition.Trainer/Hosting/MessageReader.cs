namespace PhysIntuition.Trainer.Hosting;

/// <summary>Reads OpenAI's messages: texts, and pictures as data URIs.</summary>
internal static class MessageReader
{
    private static readonly string[] s_roles = ["system", "developer", "user", "assistant", "tool"];

    /// <summary>The messages.</summary>
    /// <exception cref="PhysIntuitionException">One cannot be read; it is named.</exception>
    public static IReadOnlyList<ChatMessage> Read(JsonElement messages) =>
        messages.ValueKind == JsonValueKind.Array && messages.GetArrayLength() > 0
            ? [.. messages.EnumerateArray().Select((message, i) => ReadOne(message, $"messages[{i}]"))]
            : throw ChatReader.Wrong("messages", messages, "must be a list of messages, at least one.");

    private static ChatMessage ReadOne(JsonElement message, string place)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            throw ChatReader.Wrong(place, message, "must be an object with role and content.");
        }

        var role = Member(message, "role", place).GetString() ?? "";
        if (!s_roles.Contains(role))
        {
            throw KnownNames.Unknown($"{place}.role", role, s_roles);
        }

        if (message.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array
            && calls.GetArrayLength() > 0)
        {
            throw ChatReader.Wrong($"{place}.tool_calls", calls, "this server has no tools. Leave it out.");
        }

        return new ChatMessage(role == "developer" ? "system" : role, Content(message, place));
    }

    private static IReadOnlyList<ChatPart> Content(JsonElement message, string place)
    {
        var isThere = message.TryGetProperty("content", out var content);
        return !isThere || content.ValueKind == JsonValueKind.Null ? [new TextPart("")]
            : content.ValueKind switch
            {
                JsonValueKind.String => [new TextPart(content.GetString()!)],
                JsonValueKind.Array =>
                    [.. content.EnumerateArray().Select((part, i) => Part(part, $"{place}.content[{i}]"))],
                _ => throw ChatReader.Wrong($"{place}.content", content, "must be a text or a list of parts."),
            };
    }

    private static ChatPart Part(JsonElement part, string place)
    {
        if (part.ValueKind != JsonValueKind.Object)
        {
            throw ChatReader.Wrong(place, part, "must be an object with a type.");
        }

        return Member(part, "type", place).GetString() switch
        {
            "text" => new TextPart(Member(part, "text", place).GetString()!),
            "image_url" => Picture(part, place),
            var other => throw KnownNames.Unknown($"{place}.type", other ?? "", ["text", "image_url"]),
        };
    }

    private static ImagePart Picture(JsonElement part, string place)
    {
        if (!part.TryGetProperty("image_url", out var image) || image.ValueKind != JsonValueKind.Object)
        {
            throw ChatReader.Wrong(place, part, "must have image_url, an object with a url.");
        }

        var (field, value) = ($"{place}.image_url.url", Member(image, "url", $"{place}.image_url"));
        var url = value.GetString()!;
        var comma = url.IndexOf(',', StringComparison.Ordinal);
        if (!url.StartsWith("data:image/", StringComparison.Ordinal) || comma < 0
            || !url.AsSpan(0, comma).EndsWith(";base64", StringComparison.Ordinal))
        {
            throw ChatReader.Wrong(field, value, "must be data:image/png;base64,..., the picture itself: this "
                + "server fetches nothing.");
        }

        try
        {
            return VlmChatClient.Picture(Convert.FromBase64String(url[(comma + 1)..]), field);
        }
        catch (PhysIntuitionException wrong)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, field, wrong.Message);
        }
        catch (FormatException)
        {
            throw ChatReader.Wrong(field, value, "has no base64 after the comma. Encode the picture's file so.");
        }
    }

    private static JsonElement Member(JsonElement of, string name, string place) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value
            : throw ChatReader.Wrong(place, of, $"must have {name}, a text.");
}
