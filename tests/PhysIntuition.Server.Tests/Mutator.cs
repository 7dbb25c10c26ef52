namespace PhysIntuition.Server.Tests;

/// <summary>Turns good inputs into nearly good ones. The same seed gives the same inputs.</summary>
/// <param name="seeds">Good inputs.</param>
/// <param name="seed">Of its choices.</param>
internal sealed class Mutator(IReadOnlyList<byte[]> seeds, int seed)
{
    private const int LongestInput = 4096;

    // Bytes at which parsers turn: signs of text, limits of varints and lengths.
    private static readonly byte[] s_turns = [.. "{}[]\",:\\-+.eE0<>/ \n"u8, 0, 1, 0x7F, 0x80, 0xFF, 0xC0, 0xE2];

    private static readonly byte[][] s_words =
    [
        [.. "null"u8], [.. "1e999"u8], [.. "-1"u8], [.. "\\u0000"u8], [.. "\\ud800"u8], [.. "NaN"u8],
        [.. "18446744073709551616"u8], [.. "<answer>"u8], [.. "</answer>"u8], [.. "[[[[[[[["u8],
        [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    ];

    private readonly Random _random = new(seed);

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        var bytes = new List<byte>(Pick(seeds));
        for (var i = _random.Next(1, 6); i > 0; i--)
        {
            Change(bytes);
        }

        return [.. bytes.Take(LongestInput)];
    }

    private void Change(List<byte> bytes)
    {
        var at = _random.Next(bytes.Count + 1);
        var length = Math.Min(bytes.Count - at, _random.Next(1, 16));
        switch (_random.Next(8))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = Pick(s_turns);
                break;
            case 2:
                bytes.Insert(at, (byte)_random.Next(256));
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 5:
                bytes.InsertRange(at, Pick(s_words));
                break;
            case 6:
                var other = Pick(seeds);
                var from = _random.Next(other.Length + 1);
                bytes.InsertRange(at, other.Skip(from).Take(_random.Next(32)));
                break;
            default:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
        }
    }

    private T Pick<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];
}
