namespace PhysIntuition.Vlm.Images;

/// <summary>CRC-32 of PNG chunks (polynomial 0x04C11DB7, reflected).</summary>
internal static class PngChecksum
{
    private const uint Reflected = 0xEDB88320;

    private static readonly uint[] s_table = [.. Enumerable.Range(0, 256).Select(value => Shift((uint)value, 8))];

    public static uint Of(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc = s_table[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint Shift(uint value, int bits)
    {
        for (var i = 0; i < bits; i++)
        {
            value = (value & 1) != 0 ? (value >> 1) ^ Reflected : value >> 1;
        }

        return value;
    }
}
