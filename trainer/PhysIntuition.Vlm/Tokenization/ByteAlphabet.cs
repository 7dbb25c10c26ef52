namespace PhysIntuition.Vlm.Tokenization;

/// <summary>The printable character that stands for each byte in a byte-level vocabulary.</summary>
/// <remarks>
/// Printable Latin-1 bytes stand for themselves; the other 68, in increasing order, are U+0100 onwards, so a
/// space is "Ġ" and a line feed "Ċ" (Radford et al., Language Models are Unsupervised Multitask Learners, 2019).
/// </remarks>
internal static class ByteAlphabet
{
    private const int FirstSubstitute = 0x100;

    private static readonly char[] s_characters = new char[256];
    private static readonly Dictionary<char, byte> s_bytes = [];

    static ByteAlphabet()
    {
        var next = (char)FirstSubstitute;
        for (var value = 0; value < 256; value++)
        {
            var isPrintable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            s_characters[value] = isPrintable ? (char)value : next++;
            s_bytes[s_characters[value]] = (byte)value;
        }
    }

    public static char ToCharacter(byte value) => s_characters[value];

    /// <summary>The bytes of a vocabulary entry; false if a character stands for none.</summary>
    public static bool TryToBytes(string token, out byte[] bytes)
    {
        bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            if (!s_bytes.TryGetValue(token[i], out bytes[i]))
            {
                return false;
            }
        }

        return true;
    }
}
