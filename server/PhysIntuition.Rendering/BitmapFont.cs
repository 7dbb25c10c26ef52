namespace PhysIntuition.Rendering;

/// <summary>A built-in font of 5 x 7 dots, so that text is the same on every machine.</summary>
public static class BitmapFont
{
    /// <summary>Dots of a letter from left to right; one more separates letters.</summary>
    public const int Width = 5;

    /// <summary>Dots of a letter from top to bottom.</summary>
    public const int Height = 7;

    private const char First = ' ', Last = '~';

    // Dot (x, y) of a letter is bit 5 y + x.
    private static ReadOnlySpan<ulong> Letters =>
    [
        0x0, 0x100421084, 0x294A, 0x295F57D4A, 0x11F4717C4, 0x632222263, 0x593511526, 0x1084, 0x208210888, 0x88842082,
        0x9575480, 0x84F9080, 0x88400000, 0xF8000, 0x108000000, 0x2222200, 0x3A33AE62E, 0x3884210C4, 0x7C444422E,
        0x3A304111F, 0x211F4A988, 0x3A3083C3F, 0x3A317844C, 0x8422221F, 0x3A317462E, 0x1910F462E, 0x8401080, 0x88401080,
        0x410411110, 0x1F07C00, 0x44441041, 0x10044422E, 0x383DAF62E, 0x4631FC62E, 0x3E317C62F, 0x3A210862E,
        0x1D318C527, 0x7C217843F, 0x4217843F, 0x7A31E862E, 0x4631FC631, 0x38842108E, 0x19284211C, 0x452519531,
        0x7C2108421, 0x4631AD771, 0x4631CD671, 0x3A318C62E, 0x4217C62F, 0x59358C62E, 0x45257C62F, 0x3E107043E,
        0x10842109F, 0x3A318C631, 0x11518C631, 0x4775AC631, 0x462A22A31, 0x108422A31, 0x7C222221F, 0x38421084E,
        0x20820820, 0x39084210E, 0x4544, 0x7C0000000, 0x82, 0x7A3E83800, 0x3E318BC21, 0x3A218B800, 0x7A318FA10,
        0x383F8B800, 0x84238A4C, 0x3A1E8F800, 0x46318BC21, 0x388421804, 0x192843008, 0x24A32A421, 0x388421086,
        0x56B5AAC00, 0x46318BC00, 0x3A318B800, 0x42F8BC00, 0x421E8F800, 0x4219B400, 0x3E0E0F800, 0x324211C42,
        0x7A318C400, 0x11518C400, 0x2AB58C400, 0x454454400, 0x3A1E8C400, 0x7C4447C00, 0x208411088, 0x108421084,
        0x88441082, 0x8A8800,
    ];

    /// <summary>The dots of a printable ASCII letter; of any other letter those of '?'.</summary>
    public static ulong DotsOf(char letter) => Letters[(letter is < First or > Last ? '?' : letter) - First];

    /// <summary>Whether a dot is set; false outside the letter.</summary>
    public static bool IsSet(ulong dots, int x, int y) =>
        (uint)x < Width && (uint)y < Height && (dots >> ((Width * y) + x) & 1) != 0;

    /// <summary>Dots that a line of text is wide.</summary>
    public static int WidthOf(int letters) => letters == 0 ? 0 : (letters * (Width + 1)) - 1;
}
