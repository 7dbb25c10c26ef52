using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;

namespace PhysIntuition.Environments.Datasets;

/// <summary>How far an export has come, and which files are its own: it goes on, and overwrites nothing else.</summary>
/// <remarks>
/// progress.json is written whole before and after each chunk; SHA256SUMS has a line for each finished picture or
/// shard (<c>sha256sum -c</c> reads it). What lies there when an export goes on must be as it was left.
/// </remarks>
internal sealed class ExportLedger : IDisposable
{
    private const string Progress = "progress.json", Sums = "SHA256SUMS", Lock = ".lock", Half = ".part";
    private const int Named = 5;   // files in an error's text

    private readonly ExportOptions _options;
    private readonly FileStream _lock;
    private readonly IncrementalHash _rowsHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ConcurrentBag<(string Name, string Hash)> _saved = [];   // of the chunk that was begun
    private readonly StringBuilder _rows = new();
    private readonly ConcurrentDictionary<string, DirectoryInfo> _folders = [];   // that are there

    private ExportLedger(ExportOptions options, FileStream gate, Record record) =>
        (_options, _lock, State) = (options, gate, record);

    /// <summary>All that progress.json holds.</summary>
    public Record State { get; private set; }

    /// <summary>Finished shards.</summary>
    public int Shards => State.Shards;

    /// <summary>What progress.json holds.</summary>
    /// <param name="Key">What is exported: the same key goes on, another one is refused.</param>
    /// <param name="Items">Finished items.</param>
    /// <param name="Writing">Items when the chunk is finished that was begun; 0: none was.</param>
    /// <param name="Shards">Finished shards.</param>
    /// <param name="RowBytes">Bytes of the growing file that belong to finished items.</param>
    /// <param name="Rows">Their SHA-256.</param>
    /// <param name="SumBytes">Bytes of SHA256SUMS that belong to finished items.</param>
    /// <param name="Hash">Of all scene hashes in order.</param>
    /// <param name="Answers">How often each answer is right; beyond 32 different ones the rest is not counted.</param>
    /// <param name="Blocks">Items by number of blocks.</param>
    /// <param name="Pages">SHA-256 of the files that are written at the end, by name.</param>
    public sealed record Record(
        string Key, int Items, int Writing, int Shards, long RowBytes, string Rows, long SumBytes, ulong Hash,
        SortedDictionary<string, int> Answers, SortedDictionary<int, int> Blocks,
        SortedDictionary<string, string> Pages);

    /// <summary>Opens the ledger of a folder, and keeps others out of it.</summary>
    /// <exception cref="PhysIntuitionException">
    /// Another export runs, or has run, in the folder; or files are there that are not the export's or not as it left
    /// them.
    /// </exception>
    public static ExportLedger Open(ExportOptions options, string task, string taskOptions)
    {
        Directory.CreateDirectory(options.Folder);
        FileStream gate;
        try
        {
            gate = new FileStream(Path.Combine(options.Folder, Lock), FileMode.OpenOrCreate, FileAccess.ReadWrite,
                FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException)
        {
            throw Refused(options, "another export is writing there", "Choose an empty folder.");
        }

        try
        {
            var key = $"{task} {options.Choice.Name} {options.Format} {options.Pictures} {options.Quality} "
                + $"{options.FirstSeed} {taskOptions}";
            var ledger = new ExportLedger(options, gate, Read(options) ?? Empty(key));
            ledger.Check(key);
            ledger.CutToFinished();
            return ledger;
        }
        catch
        {
            gate.Dispose();
            throw;
        }
    }

    /// <summary>Says that a chunk is being written: what then lies beyond the finished items is the export's.</summary>
    /// <param name="items">Items when it is finished.</param>
    public void Begin(int items) => Save(State with { Writing = items });

    /// <summary>Writes a file of the chunk that was begun, which stays as it is; on any thread.</summary>
    /// <param name="name">Below the folder, with slashes.</param>
    /// <param name="data">All bytes.</param>
    public void Save(string name, ReadOnlySpan<byte> data)
    {
        // Under its name at once: until the chunk is finished nobody takes it for whole.
        File.WriteAllBytes(PathOf(name), data);
        _saved.Add((name, HashOf(data)));
    }

    /// <summary>Adds a row to the growing file.</summary>
    public void Append(string row) => _rows.Append(row).Append('\n');

    /// <summary>Counts the chunk that was begun as finished.</summary>
    public void Commit(DatasetItem[] items, bool isShard)
    {
        const int mostAnswers = 32;
        var hash = State.Hash;
        foreach (var item in items)
        {
            hash = new Simulation.RandomStream(hash ^ item.Facts.SceneHash).NextBits();
            if (State.Answers.Count < mostAnswers || State.Answers.ContainsKey(item.Answer))
            {
                State.Answers[item.Answer] = State.Answers.GetValueOrDefault(item.Answer) + 1;
            }

            State.Blocks[item.Facts.Blocks] = State.Blocks.GetValueOrDefault(item.Facts.Blocks) + 1;
        }

        var lines = new StringBuilder();
        foreach (var (name, sum) in _saved.OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            lines.Append(sum).Append("  ").Append(name).Append('\n');
        }

        _saved.Clear();
        var sums = AppendTo(Sums, lines);
        var rows = _rows.Length > 0 ? AppendTo(_options.RowFile!, _rows) : [];
        _rowsHash.AppendData(rows);
        Save(State with
        {
            Items = State.Items + items.Length,
            Writing = 0,
            Shards = State.Shards + (isShard ? 1 : 0),
            RowBytes = State.RowBytes + rows.Length,
            Rows = Convert.ToHexStringLower(_rowsHash.GetCurrentHash()),
            SumBytes = State.SumBytes + sums.Length,
            Hash = hash,
        });
    }

    /// <summary>Writes a page that is made anew whenever the export has grown.</summary>
    public void SavePage(string name, string text)
    {
        var data = Encoding.UTF8.GetBytes(text);
        Put(name, data);
        State.Pages[name] = HashOf(data);
        Save(State);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rowsHash.Dispose();
        _lock.Dispose();
    }

    private static Record Empty(string key) => new(
        key, 0, 0, 0, 0, HashOf([]), 0, 0, new(StringComparer.Ordinal), [], new(StringComparer.Ordinal));

    private static Record? Read(ExportOptions options)
    {
        var path = Path.Combine(options.Folder, Progress);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<Record>(File.ReadAllText(path)) : null;
        }
        catch (JsonException)
        {
            throw Refused(options, $"its {Progress} cannot be read", "Choose an empty folder.");
        }
    }

    private void Check(string key)
    {
        if (State.Key != key || State.Pages is null)
        {
            throw Refused(_options, "it holds an export of another task, split, format or options",
                "Choose an empty folder.");
        }

        if (State.Items > _options.Items)
        {
            throw Refused(_options, string.Create(CultureInfo.InvariantCulture,
                $"it holds {State.Items} items already and {_options.Items} are asked for"),
                $"Ask for {State.Items} or more, or choose an empty folder.");
        }

        var names = FilesBelow(_options.Folder).Order(StringComparer.Ordinal).ToArray();
        Refuse(names.Where(name => !IsOwn(name)), "the export did not write");
        Refuse(FindChanged(), "have changed since the export wrote them, or are gone");
    }

    // Hidden files, a repository's for example, are nobody's business: no export writes one but the lock.
    private static IEnumerable<string> FilesBelow(string folder) => Directory
        .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
        .Where(name => !name.Split('/').Any(part => part.StartsWith('.')));

    private bool IsOwn(string name)
    {
        var isWriting = State.Writing > 0;
        name = isWriting && name.EndsWith(Half, StringComparison.Ordinal) ? name[..^Half.Length] : name;
        return (name is Progress or Sums || name == _options.RowFile) && (isWriting || State.Items > 0)
            || State.Pages.ContainsKey(name)
            || (_options.RowFile is null
                ? IsNumbered(name, State.Shards + (isWriting ? 1 : 0), (index, _) => _options.ShardName(index))
                : IsNumbered(name, Math.Max(State.Items, State.Writing), _options.PictureName));
    }

    // Whether a name is made of a number below the end, and perhaps of another, as names of this kind are.
    private static bool IsNumbered(string name, int end, Func<int, int, string> make)
    {
        var numbers = Path.GetFileNameWithoutExtension(name).Split('-')
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1)
            .SkipWhile(n => n < 0).ToArray();
        return numbers.Length is 1 or 2 && numbers[0] < end && name == make(numbers[0], numbers.ElementAtOrDefault(1));
    }

    private IEnumerable<string> FindChanged()
    {
        var isChanged = State.Pages.Where(page => HashOfFile(page.Key) != page.Value).Select(page => page.Key).ToList();
        if (_options.RowFile is { } rows && !HasRows(rows))
        {
            isChanged.Add(rows);
        }

        var sums = Path.Combine(_options.Folder, Sums);
        var length = File.Exists(sums) ? new FileInfo(sums).Length : 0;
        if (length < State.SumBytes || (State.Writing == 0 && length > State.SumBytes))
        {
            return isChanged.Append(Sums);
        }

        var read = 0L;
        var lines = State.SumBytes == 0 ? [] : File.ReadLines(sums)
            .TakeWhile(line => (read += Encoding.UTF8.GetByteCount(line) + 1) <= State.SumBytes)
            .Select(line => line.Split("  ", 2));
        return isChanged.Concat(lines.AsParallel().AsOrdered()
            .Where(line => line.Length < 2 || HashOfFile(line[1]) != line[0]).Select(line => line[^1]));
    }

    // Also begins the hash that the next rows go on with.
    private bool HasRows(string name)
    {
        var path = Path.Combine(_options.Folder, name);
        var length = File.Exists(path) ? new FileInfo(path).Length : 0;
        if (length < State.RowBytes || (State.Writing == 0 && length > State.RowBytes))
        {
            return false;
        }

        var buffer = new byte[1 << 20];
        using var file = State.RowBytes > 0 ? File.OpenRead(path) : Stream.Null;
        for (var left = State.RowBytes; left > 0;)
        {
            var count = file.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
            _rowsHash.AppendData(buffer, 0, count);
            left -= count;
        }

        return Convert.ToHexStringLower(_rowsHash.GetCurrentHash()) == State.Rows;
    }

    // What a chunk has left that was begun and not finished.
    private void CutToFinished()
    {
        foreach (var (name, length) in (ReadOnlySpan<(string?, long)>)
            [(Sums, State.SumBytes), (_options.RowFile, State.RowBytes)])
        {
            if (name is not null && File.Exists(Path.Combine(_options.Folder, name)))
            {
                using var file = new FileStream(Path.Combine(_options.Folder, name), FileMode.Open);
                file.SetLength(length);
            }
        }

        string[] names = State.Writing > 0 ? [.. FilesBelow(_options.Folder)] : [];
        foreach (var name in names.Where(name => name.EndsWith(Half, StringComparison.Ordinal)))
        {
            File.Delete(Path.Combine(_options.Folder, name));
        }
    }

    private void Refuse(IEnumerable<string> names, string what)
    {
        var all = names.ToArray();
        if (all.Length > 0)
        {
            var more = all.Length > Named ? $" and {all.Length - Named} more" : "";
            throw Refused(_options, $"it holds files that {what}: {string.Join(", ", all.Take(Named))}{more}",
                "Choose an empty folder, or put things as they were.");
        }
    }

    private byte[] AppendTo(string name, StringBuilder text)
    {
        var data = Encoding.UTF8.GetBytes(text.ToString());
        File.AppendAllBytes(Path.Combine(_options.Folder, name), data);
        text.Clear();
        return data;
    }

    private void Save(Record state)
    {
        State = state;
        Put(Progress, JsonSerializer.SerializeToUtf8Bytes(state));
    }

    // Under its name only once it is whole.
    private void Put(string name, byte[] data)
    {
        var path = PathOf(name);
        File.WriteAllBytes(path + Half, data);
        File.Move(path + Half, path, overwrite: true);
    }

    // In a folder that is there.
    private string PathOf(string name)
    {
        var path = Path.Combine(_options.Folder, name);
        _folders.GetOrAdd(Path.GetDirectoryName(path)!, Directory.CreateDirectory);
        return path;
    }

    private string? HashOfFile(string name)
    {
        var path = Path.Combine(_options.Folder, name);
        return File.Exists(path) ? HashOf(File.ReadAllBytes(path)) : null;
    }

    private static string HashOf(ReadOnlySpan<byte> data) => Convert.ToHexStringLower(SHA256.HashData(data));

    private static PhysIntuitionException Refused(ExportOptions options, string reason, string remedy) => new(
        Fault.InvalidArgument, "folder", $"'folder' is {options.Folder}; {reason}. {remedy}");
}
