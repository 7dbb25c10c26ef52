using System.Buffers.Binary;
using System.Numerics;

namespace PhysIntuition.Trainer.Training;

/// <summary>Writes scalars as a TensorBoard event file.</summary>
/// <remarks>
/// TFRecord framing (length, masked CRC-32C of it, data, masked CRC-32C of that) around Event messages, of which only
/// the five fields needed here are encoded: wall_time, step, file_version, summary, session_log.
/// </remarks>
public sealed class TensorBoardWriter : IDisposable
{
    private const uint MaskDelta = 0xA282EAD8;   // TFRecord's masking of checksums
    private const byte FieldDouble1 = 9, FieldVarint2 = 16, FieldBytes3 = 26, FieldBytes5 = 42, FieldBytes7 = 58;
    private const byte FieldBytes1 = 10, FieldFloat2 = 21;

    private static readonly byte[] s_sessionStart = [8, 1];   // SessionLog: field 1 status = START

    private readonly FileStream _file;

    /// <summary>Starts a new event file in a folder; TensorBoard joins the files of one folder.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="firstStep">The first step to come; readers drop it and later ones from earlier files.</param>
    public TensorBoardWriter(string folder, long firstStep)
    {
        Directory.CreateDirectory(folder);
        _file = Create(folder);
        Append(Event(0, FieldBytes3, Encoding.ASCII.GetBytes("brain.Event:2")));
        Append(Event(firstStep, FieldBytes7, s_sessionStart));
    }

    /// <summary>Writes one value per tag.</summary>
    /// <param name="step">The training step.</param>
    /// <param name="values">Tag and value; stored as float32.</param>
    public void Write(long step, IEnumerable<KeyValuePair<string, double>> values)
    {
        using var summary = new MemoryStream();
        foreach (var (tag, value) in values)
        {
            using var item = new MemoryStream();
            WriteBytes(item, FieldBytes1, Encoding.UTF8.GetBytes(tag));
            item.WriteByte(FieldFloat2);
            item.Write(BitConverter.GetBytes((float)value));
            WriteBytes(summary, FieldBytes1, item.ToArray());
        }

        Append(Event(step, FieldBytes5, summary.ToArray()));
        _file.Flush();
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    // Readers take the files in the order of their names.
    private static FileStream Create(string folder)
    {
        for (var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(); ; now++)
        {
            var file = Path.Combine(folder, $"events.out.tfevents.{now / 1000:D10}.{now % 1000:D3}");
            try
            {
                return new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
            }
            catch (IOException) when (File.Exists(file))
            {
                // Another writer began in the same millisecond.
            }
        }
    }

    private static byte[] Event(long step, byte field, byte[] content)
    {
        using var message = new MemoryStream();
        message.WriteByte(FieldDouble1);
        message.Write(BitConverter.GetBytes(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0));
        message.WriteByte(FieldVarint2);
        WriteVarint(message, (ulong)step);
        WriteBytes(message, field, content);
        return message.ToArray();
    }

    private static void WriteBytes(Stream message, byte field, byte[] content)
    {
        message.WriteByte(field);
        WriteVarint(message, (ulong)content.Length);
        message.Write(content);
    }

    private static void WriteVarint(Stream message, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            message.WriteByte((byte)(value | 0x80));
        }

        message.WriteByte((byte)value);
    }

    private void Append(byte[] data)
    {
        var record = new byte[data.Length + 16];
        BinaryPrimitives.WriteInt64LittleEndian(record, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Masked(record.AsSpan(0, 8)));
        data.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), Masked(data));
        _file.Write(record);
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return BitOperations.RotateRight(~crc, 15) + MaskDelta;
    }
}
