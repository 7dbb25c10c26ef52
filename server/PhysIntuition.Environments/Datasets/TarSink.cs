using System.Formats.Tar;
using System.Text.Json;

namespace PhysIntuition.Environments.Datasets;

/// <summary>One tar file for each chunk, in the WebDataset convention: files of one key are one sample.</summary>
internal static class TarSink
{
    /// <summary>Writes a whole chunk.</summary>
    public static void Write(ExportLedger ledger, ExportOptions options, int first, DatasetItem[] items)
    {
        using var shard = new MemoryStream();
        using (var tar = new TarWriter(shard, TarEntryFormat.Ustar, leaveOpen: true))
        {
            for (var i = 0; i < items.Length; i++)
            {
                Add(tar, $"{first + i:d7}", items[i], options.PictureEnding);
            }
        }

        ledger.Save(options.ShardName(ledger.Shards), shard.GetBuffer().AsSpan(0, (int)shard.Length));
    }

    // A key ends at the first dot; what follows names the field: png, example1.png, json.
    private static void Add(TarWriter tar, string key, DatasetItem item, string ending)
    {
        for (var k = 0; k < item.Examples.Length; k++)
        {
            Add(tar, $"{key}.{Example(k)}", item.Examples[k].Picture);
        }

        Add(tar, $"{key}.{ending}", item.Picture);
        var row = RowSink.Flat(item, i => i < item.Examples.Length ? Example(i) : null);
        Add(tar, $"{key}.json", JsonSerializer.SerializeToUtf8Bytes(row, RowSink.Json));

        string Example(int k) => $"example{k + 1}.{ending}";
    }

    // Time and owner are fixed, so that equal datasets are equal files.
    private static void Add(TarWriter tar, string name, byte[] data) => tar.WriteEntry(
        new UstarTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = new MemoryStream(data), ModificationTime = DateTimeOffset.UnixEpoch,
        });
}
