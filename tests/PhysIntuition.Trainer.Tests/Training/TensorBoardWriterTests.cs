using System.Text;
using PhysIntuition.Vlm;

namespace PhysIntuition.Trainer.Training;

public sealed class TensorBoardWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // The well-known check value of CRC-32C; it guards the test's own checksum.
    [Fact]
    public void Crc_TheStandardsCheckString_IsTheStandardsValue() =>
        Assert.Equal(0xE3069283, Crc("123456789"u8));

    [Fact]
    public void Write_TwoSteps_AreRecordsWithChecksums()
    {
        using (var writer = new TensorBoardWriter(_folder.Root, firstStep: 1))
        {
            writer.Write(1, [new("loss", 0.5), new("time/step", 2)]);
            writer.Write(300, [new("loss", -1)]);
        }

        var records = Records(File.ReadAllBytes(Directory.GetFiles(_folder.Root, "events.out.tfevents.*").Single()));

        Assert.Equal(4, records.Count);
        Assert.Contains("brain.Event:2", Encoding.ASCII.GetString(records[0]));

        // Event: field 1 wall_time (double), field 2 step (varint), field 5 summary. Summary: field 1 value.
        // Value: field 1 tag, field 2 simple_value (float).
        byte[] first = [16, 1, 42, 31, .. Value("loss", 0.5f), .. Value("time/step", 2)];
        byte[] second = [16, 0xAC, 0x02, 42, 13, .. Value("loss", -1)];
        Assert.Equal(first, records[2][9..]);
        Assert.Equal(second, records[3][9..]);
        Assert.Equal(9, records[2][0]);   // field 1, 64 bits

        // Field 7 session_log: field 1 status, 1 is START, from which readers drop the steps of earlier files.
        Assert.Equal([16, 1, 58, 2, 8, 1], records[1][9..]);
    }

    [Fact]
    public void Writers_ThatBeginTogether_HaveAFileEachInTheirOrder()
    {
        for (var step = 1; step <= 20; step++)
        {
            new TensorBoardWriter(_folder.Root, step).Dispose();
        }

        Assert.Equal(Enumerable.Range(1, 20), Directory.GetFiles(_folder.Root)
            .Order(StringComparer.Ordinal).Select(file => (int)Records(File.ReadAllBytes(file))[1][10]));
    }

    private static byte[] Value(string tag, float value) =>
        [10, (byte)(tag.Length + 7), 10, (byte)tag.Length, .. Encoding.ASCII.GetBytes(tag), 21,
            .. BitConverter.GetBytes(value)];

    private static List<byte[]> Records(byte[] file)
    {
        var records = new List<byte[]>();
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BitConverter.ToInt64(file, at);
            Assert.Equal(Mask(Crc(file.AsSpan(at, 8))), BitConverter.ToUInt32(file, at + 8));
            records.Add(file[(at + 12)..(at + 12 + length)]);
            Assert.Equal(Mask(Crc(records[^1])), BitConverter.ToUInt32(file, at + 12 + length));
            at += length + 16;
        }

        return records;
    }

    private static uint Mask(uint crc) => unchecked(((crc >> 15) | (crc << 17)) + 0xA282EAD8);

    /// <summary>CRC-32C bit by bit, reflected polynomial.</summary>
    private static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
            }
        }

        return ~crc;
    }
}
