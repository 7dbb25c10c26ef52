using System.Text.Json;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Datasets;

/// <summary>How far an export has come; kept in progress.json, written whole after each chunk.</summary>
internal sealed class ExportProgress : IDisposable
{
    private readonly string _path;
    private readonly FileStream _lock;

    private ExportProgress(string path, FileStream gate, Record record) => (_path, _lock, State) = (path, gate, record);

    /// <summary>Finished items.</summary>
    public int Items => State.Items;

    /// <summary>Bytes of the growing file that belong to finished items.</summary>
    public long Length => State.Length;

    /// <summary>All that is kept.</summary>
    public Record State { get; private set; }

    /// <summary>What progress.json holds.</summary>
    /// <param name="Key">What is exported: the same key goes on, another one is refused.</param>
    /// <param name="Items">Finished items.</param>
    /// <param name="Length">Bytes of the growing file.</param>
    /// <param name="Hash">Of all scene hashes in order.</param>
    /// <param name="Answers">How often each answer is right; beyond 32 different ones the rest is not counted.</param>
    /// <param name="Blocks">Items by number of blocks.</param>
    public sealed record Record(
        string Key, int Items, long Length, ulong Hash, SortedDictionary<string, int> Answers, SortedDictionary<int,
            int> Blocks);

    /// <summary>Opens the progress of a folder, and keeps others out of it.</summary>
    /// <exception cref="PhysIntuitionException">Another export runs, or has run, in the folder.</exception>
    public static ExportProgress Open(ExportOptions options, string task, string taskOptions)
    {
        var path = Path.Combine(options.Folder, "progress.json");
        var key = $"{task} {options.Choice.Name} {options.Format} {options.FirstSeed} {taskOptions}";
        FileStream gate;
        try
        {
            gate = new FileStream(Path.Combine(options.Folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite,
                FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException)
        {
            throw Refused(options.Folder, "another export is writing there");
        }

        var record = File.Exists(path)
            ? JsonSerializer.Deserialize<Record>(File.ReadAllText(path))!
            : new Record(key, 0, 0, 0, new(StringComparer.Ordinal), []);
        if (record.Key != key)
        {
            gate.Dispose();
            throw Refused(options.Folder, "it holds an export of another task, split or options");
        }

        return new(path, gate, record);
    }

    /// <summary>Counts a finished chunk and saves.</summary>
    public void Add(DatasetItem[] items, long length)
    {
        const int mostAnswers = 32;
        var hash = State.Hash;
        foreach (var item in items)
        {
            hash = new Simulation.Random.RandomStream(hash ^ item.SceneHash).NextBits();
            if (State.Answers.Count < mostAnswers || State.Answers.ContainsKey(item.Answer))
            {
                State.Answers[item.Answer] = State.Answers.GetValueOrDefault(item.Answer) + 1;
            }

            var blocks = item.Facts["blocks"]!.GetValue<int>();
            State.Blocks[blocks] = State.Blocks.GetValueOrDefault(blocks) + 1;
        }

        State = State with { Items = State.Items + items.Length, Length = length, Hash = hash };
        File.WriteAllText(_path + ".part", JsonSerializer.Serialize(State));
        File.Move(_path + ".part", _path, overwrite: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static PhysIntuitionException Refused(string folder, string reason) => new(
        Fault.InvalidArgument, "folder", $"'folder' is {folder}; {reason}. Choose an empty folder.");
}
