using System.Buffers;
using System.Globalization;
using System.Text;

namespace PhysIntuition.Compat.Grpc.Wire;

/// <summary>Percent-encoding of the status message: UTF-8, all but printable ASCII without '%' escaped.</summary>
internal static class StatusMessage
{
    private static readonly SearchValues<char> s_plain =
        SearchValues.Create(Enumerable.Range(0x20, 0x5f).Select(code => (char)code).Where(c => c != '%').ToArray());

    internal static string Encode(string message)
    {
        if (!message.AsSpan().ContainsAnyExcept(s_plain))
        {
            return message;
        }

        var encoded = new StringBuilder(message.Length + 16);
        foreach (var value in Encoding.UTF8.GetBytes(message))
        {
            if (s_plain.Contains((char)value))
            {
                encoded.Append((char)value);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
            }
        }

        return encoded.ToString();
    }

    /// <summary>Decodes; an escape that is not two hexadecimal digits stays as it is.</summary>
    internal static string Decode(string message)
    {
        if (!message.Contains('%'))
        {
            return message;
        }

        var bytes = new ArrayBufferWriter<byte>(message.Length);
        for (var i = 0; i < message.Length; i++)
        {
            if (message[i] == '%' && TryReadEscape(message.AsSpan(i + 1), out var value))
            {
                bytes.Write([value]);
                i += 2;
            }
            else
            {
                bytes.Write(Encoding.UTF8.GetBytes(message, i, 1));
            }
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static bool TryReadEscape(ReadOnlySpan<char> digits, out byte value)
    {
        value = 0;
        return digits.Length >= 2
            && char.IsAsciiHexDigit(digits[0])
            && byte.TryParse(digits[..2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
