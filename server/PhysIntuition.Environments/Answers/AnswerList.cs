using System.Text.Json;

namespace PhysIntuition.Environments.Answers;

/// <summary>Reads and writes answers that are lists: a JSON array of objects, one for each item.</summary>
/// <remarks>
/// An object with the list's name around the array is taken too, since some services write objects only. Values
/// follow the same grammar as single ones. Numbers of items that are not there are the nearest to 0 that is legal.
/// </remarks>
internal static class AnswerList
{
    private const int MaxCharacters = 4096;

    private static readonly JsonDocumentOptions s_json = new()
    {
        AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 8,
    };

    /// <summary>Reads what stands between the tags.</summary>
    /// <returns>The numbers of all axes, or why there are none.</returns>
    public static Answer Read(ReadOnlySpan<char> inner, IReadOnlyList<AnswerAxis> axes)
    {
        var text = Undress(inner);
        if (text.Length > MaxCharacters)
        {
            return Answer.Unreadable(
                $"'{axes[0].Name}' has {text.Length} characters; at most {MaxCharacters} are read.");
        }

        try
        {
            using var document = JsonDocument.Parse(text, s_json);

            return ReadArray(document.RootElement, axes);
        }
        catch (JsonException fault)
        {
            return Answer.Unreadable($"'{axes[0].Name}' is no JSON from line {fault.LineNumber + 1}, byte "
                + $"{fault.BytePositionInLine + 1} on; write {FormOf(axes)}.");
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException)
        {
            return Answer.Unreadable($"'{axes[0].Name}' has half a Unicode character; write {FormOf(axes)}.");
        }
    }

    /// <summary>Writes an answer as JSON.</summary>
    public static string Write(in Answer answer, IReadOnlyList<AnswerAxis> axes)
    {
        var (text, fields) = (new StringBuilder(), axes[0].Fields!);
        for (var item = 0; item < (int)answer[0]; item++)
        {
            text.Append(item == 0 ? "[{" : "}, {");
            for (var k = 0; k < fields.Count; k++)
            {
                var value = answer[1 + (item * fields.Count) + k];
                text.Append(k > 0 ? ", " : "").Append('"').Append(fields[k].Name).Append("\": ");
                text.Append(fields[k].Choices is { } words
                    ? $"\"{words[(int)value]}\""
                    : value.ToString("0.####", CultureInfo.InvariantCulture));
            }
        }

        return text.Append("}]").ToString();
    }

    /// <summary>The form that a prompt asks for.</summary>
    public static string FormOf(IReadOnlyList<AnswerAxis> axes) =>
        $"[{{{string.Join(", ", axes[0].Fields!.Select(field => $"\"{field.Name}\": {field.Name}"))}}}, ...]";

    private static Answer ReadArray(JsonElement root, IReadOnlyList<AnswerAxis> axes)
    {
        var list = axes[0];
        if (root.ValueKind == JsonValueKind.Object && root.EnumerateObject().ToArray() is [var only]
            && only.Name.Equals(list.Name, StringComparison.OrdinalIgnoreCase))
        {
            root = only.Value;
        }

        if (root.ValueKind != JsonValueKind.Array)
        {
            return Answer.Unreadable($"'{list.Name}' is {KindOf(root)}; it must be a list, as in {FormOf(axes)}.");
        }

        var count = root.GetArrayLength();
        if (count < list.Min || count > list.Max)
        {
            return Answer.Unreadable(string.Create(CultureInfo.InvariantCulture,
                $"'{list.Name}' has {count} items; it must have {list.Min} to {list.Max}."));
        }

        double[] numbers = [count, .. axes.Skip(1).Select(axis => Math.Clamp(0, axis.Min, axis.Max))];
        for (var item = 0; item < count; item++)
        {
            var values = numbers.AsSpan(1 + (item * list.Fields!.Count), list.Fields.Count);
            if (ReadItem(root[item], $"{list.Name}[{item}]", list.Fields, values) is { } error)
            {
                return Answer.Unreadable(error);
            }
        }

        return Answer.Of(numbers);
    }

    private static string? ReadItem(
        JsonElement item, string path, IReadOnlyList<AnswerAxis> fields, Span<double> values)
    {
        var names = string.Join(", ", fields.Select(field => field.Name));
        if (item.ValueKind != JsonValueKind.Object)
        {
            return $"'{path}' is {KindOf(item)}; it must be an object with {names}.";
        }

        var texts = new string?[fields.Count];
        foreach (var property in item.EnumerateObject())
        {
            var k = IndexOf(fields, property.Name);
            if (k < 0 || texts[k] is not null)
            {
                return k < 0
                    ? $"'{path}.{AnswerReader.Shorten(property.Name)}' is none of {names}; leave it out."
                    : $"'{path}.{fields[k].Name}' is there twice.";
            }

            texts[k] = property.Value.ValueKind == JsonValueKind.String
                ? property.Value.GetString()
                : property.Value.GetRawText();
        }

        for (var k = 0; k < fields.Count; k++)
        {
            if (AnswerReader.One(texts[k], fields[k] with { Name = $"{path}.{fields[k].Name}" }, out values[k]) is
                { } error)
            {
                return error;
            }
        }

        return null;
    }

    private static int IndexOf(IReadOnlyList<AnswerAxis> fields, string name)
    {
        name = name.Equals("colour", StringComparison.OrdinalIgnoreCase) ? "color" : name;
        for (var k = 0; k < fields.Count; k++)
        {
            if (fields[k].Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return k;
            }
        }

        return -1;
    }

    private static string KindOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        _ => element.GetRawText(),
    };

    // Without Markdown's fences and with ASCII's quotes and hyphens.
    private static string Undress(ReadOnlySpan<char> inner)
    {
        const string fences = "`*$ \t\r\n";
        inner = inner.Trim(fences);
        inner = inner.StartsWith("json", StringComparison.OrdinalIgnoreCase) ? inner[4..].Trim(fences) : inner;

        return string.Create(inner.Length, inner, static (plain, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                plain[i] = source[i] switch
                {
                    '“' or '”' or '„' => '"',
                    '\u2212' or '\u2013' => '-',
                    '\u00A0' => ' ',
                    var letter => letter,
                };
            }
        });
    }
}
