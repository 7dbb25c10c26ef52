using System.Globalization;
using System.Text;
using System.Text.Json;

namespace PhysIntuition.Vlm.Chat;

/// <summary>JSON with Python's separators and escapes: what the models saw in training.</summary>
internal static class PythonJson
{
    public static string Write(JsonElement value)
    {
        var builder = new StringBuilder();
        Write(value, builder);
        return builder.ToString();
    }

    private static void Write(JsonElement value, StringBuilder builder)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteList(value.EnumerateObject(), '{', '}', builder, item =>
                {
                    WriteString(item.Name, builder);
                    builder.Append(": ");
                    Write(item.Value, builder);
                });
                break;
            case JsonValueKind.Array:
                WriteList(value.EnumerateArray(), '[', ']', builder, item => Write(item, builder));
                break;
            case JsonValueKind.String:
                WriteString(value.GetString()!, builder);
                break;
            default:
                builder.Append(value.GetRawText());   // numbers, true, false and null are written alike
                break;
        }
    }

    private static void WriteList<T>(
        IEnumerable<T> items, char open, char close, StringBuilder builder, Action<T> write)
    {
        builder.Append(open);
        var isFirst = true;
        foreach (var item in items)
        {
            builder.Append(isFirst ? "" : ", ");
            isFirst = false;
            write(item);
        }

        builder.Append(close);
    }

    private static void WriteString(string text, StringBuilder builder)
    {
        builder.Append('"');
        foreach (var letter in text)
        {
            builder.Append(letter switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                < ' ' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                _ => letter.ToString(),
            });
        }

        builder.Append('"');
    }
}
