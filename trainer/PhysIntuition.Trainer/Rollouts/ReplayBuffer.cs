using PhysIntuition.Simulation;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>The latest groups that taught something, with their pictures and the probabilities at generation.</summary>
/// <param name="capacity">Groups; 0 keeps none.</param>
internal sealed class ReplayBuffer(int capacity)
{
    private const string FileName = "replay.bin";
    private const int NoVideos = 0;   // a list that files of runs under way have

    private readonly List<EpisodeGroup> _groups = [];

    /// <summary>Groups at hand.</summary>
    public int Count => _groups.Count;

    /// <summary>Adds groups; the oldest ones go.</summary>
    public void Add(IReadOnlyList<EpisodeGroup> groups)
    {
        _groups.AddRange(groups.Where(group => capacity > 0 && !group.IsPast));
        _groups.RemoveRange(0, Math.Max(0, _groups.Count - capacity));
    }

    /// <summary>Some groups, each at most once; fewer where fewer are at hand.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">The same seed draws the same from the same groups.</param>
    public IReadOnlyList<EpisodeGroup> Draw(int count, ulong seed)
    {
        EpisodeGroup[] all = [.. _groups];
        new RandomStream(seed).Shuffle<EpisodeGroup>(all);
        return [.. all.Take(count).Select(group => group with { IsPast = true })];
    }

    /// <summary>Writes all groups into a checkpoint.</summary>
    public void Save(string folder)
    {
        if (capacity == 0)
        {
            return;
        }

        using var file = new BinaryWriter(File.Create(Path.Combine(folder, FileName)));
        Write(file, _groups, group =>
        {
            Write(file, group.Turns, turn =>
            {
                Write(file, turn.Prompts, prompt => Write(file, prompt));
                Write(file, turn.Groups, answers => Write(file, answers, answer =>
                {
                    Write(file, answer.TokenIds, file.Write);
                    Write(file, answer.LogProbabilities, file.Write);
                    file.Write(answer.IsStopped);
                }));
                Write(file, turn.Rows, file.Write);
                Write(file, turn.Tasks, file.Write);
            });
            Write(file, group.Returns, file.Write);
            Write(file, group.AreReadable, file.Write);
        });
    }

    /// <summary>Goes on from a checkpoint.</summary>
    public void Restore(string folder)
    {
        if (capacity == 0)
        {
            return;
        }

        using var file = new BinaryReader(File.OpenRead(Path.Combine(folder, FileName)));
        _groups.Clear();
        _groups.AddRange(Read(file, () => new EpisodeGroup(
            Read(file, () => new Exchange(
                Read(file, () => ReadPrompt(file)),
                Read(file, () => Read(file, () => new Completion(
                    Read(file, file.ReadInt32), Read(file, file.ReadSingle), file.ReadBoolean()))),
                Read(file, file.ReadInt32), Read(file, file.ReadString))),
            Read(file, file.ReadDouble), Read(file, file.ReadBoolean))));
    }

    // The messages stay out: only another engine asks for them, and it knows no past.
    private static void Write(BinaryWriter file, EncodedChat prompt)
    {
        Write(file, prompt.Ids, file.Write);
        Write(file, prompt.IsAnswer, file.Write);
        Write(file, prompt.Images, picture =>
        {
            Write(file, picture.Values, file.Write);
            Write(file, [picture.Grid.Time, picture.Grid.Height, picture.Grid.Width], file.Write);
        });
        file.Write(NoVideos);
    }

    private static EncodedChat ReadPrompt(BinaryReader file)
    {
        var chat = new EncodedChat(Read(file, file.ReadInt32), Read(file, file.ReadBoolean), Read(file, () =>
        {
            var values = Read(file, file.ReadSingle);
            var grid = Read(file, file.ReadInt32);
            return new ImagePatches(values, new PatchGrid(grid[0], grid[1], grid[2]));
        }));
        _ = file.ReadInt32();   // NoVideos
        return chat;
    }

    private static void Write<T>(BinaryWriter file, IReadOnlyList<T> items, Action<T> write)
    {
        file.Write(items.Count);
        foreach (var item in items)
        {
            write(item);
        }
    }

    private static T[] Read<T>(BinaryReader file, Func<T> read)
    {
        var items = new T[file.ReadInt32()];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = read();
        }

        return items;
    }
}
