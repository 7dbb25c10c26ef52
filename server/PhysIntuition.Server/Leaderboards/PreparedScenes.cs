using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>Simulates and draws the scenes of runs before anybody can ask for them: a look only copies.</summary>
/// <remarks>
/// Scenes are simulated in groups: scenes 32 g to 32 g + 31 together, also where a run has fewer, so that the time that
/// a group takes tells nothing about one scene. Drawing takes nothing but what the picture shows; 16 are drawn
/// together, so that the next looks find theirs. What memory has no room for is prepared again in the same way. What
/// came of an answer is prepared as soon as the answer is stored.
/// </remarks>
internal sealed class PreparedScenes(RunReplay replay, HeldoutWork work)
{
    /// <summary>Scenes of a group: one bundle of own ones and one of common ones.</summary>
    public const int GroupSize = 32;

    private const int SheetSize = 16;             // pictures drawn together
    private const int SheetsAhead = 32;           // more would drive those of others out
    private const long BytesOfState = 8 << 10;    // of a scene, about
    private const int MaxPixelBytes = 16 << 20;   // drawn at a time
    private const long MaxStateBytes = 64 << 20;
    private const long MaxViewBytes = 192 << 20;
    private const long BytesOfFormat = 256, MaxFormatBytes = 4 << 20;

    private readonly LimitedCache<(string Board, ulong Seed), SceneState> _states = new(MaxStateBytes);
    private readonly LimitedCache<SheetKey, SceneView[]> _sheets = new(MaxViewBytes);
    private readonly LimitedCache<AnsweredKey, SceneView> _answered = new(MaxViewBytes / 8);
    private readonly ConcurrentDictionary<SheetKey, Lazy<Task<SceneView[]>>> _underway = new();
    private readonly ConcurrentDictionary<AnsweredKey, Task<SceneView>> _answering = new();
    private readonly LimitedCache<string, FrameFormat> _formats = new(MaxFormatBytes);

    /// <summary>Begins to prepare a run's scenes.</summary>
    /// <param name="open">The leaderboard.</param>
    /// <param name="run">Whose scenes.</param>
    /// <param name="format">Size of the pictures; null: they are drawn from the first look on, in its size.</param>
    public void Begin(OpenLeaderboard open, Run run, FrameFormat? format)
    {
        Remember(run, format);
        PrepareAhead(open, run, 0, format);
    }

    /// <summary>Begins to simulate and draw what came of answers, in the size of the last look.</summary>
    /// <param name="open">The leaderboard.</param>
    /// <param name="run">Of a task of several answers.</param>
    /// <param name="scenes">That were answered and take another answer.</param>
    /// <param name="answers">For each scene of the run its answers by step.</param>
    public void BeginAnswered(
        OpenLeaderboard open, Run run, IReadOnlyList<int> scenes, IReadOnlyList<string>[] answers)
    {
        if (_formats.TryGet(run.Id, out var format))
        {
            _ = Task.Run(() => AddAnsweredAsync(open, run, [], scenes, answers, format));
        }
    }

    /// <summary>How many pictures have to be drawn before these scenes can be copied.</summary>
    public int Undrawn(Run run, IEnumerable<int> scenes, FrameFormat format) =>
        scenes.Select(scene => scene / SheetSize).Distinct()
            .Where(sheet => !_sheets.TryGet(new SheetKey(run.Id, sheet, format.Width, format.Height), out _))
            .Sum(sheet => CountOf(run, sheet));

    /// <summary>Scenes as they are after the answers so far.</summary>
    /// <param name="open">The leaderboard.</param>
    /// <param name="run">Whose scenes.</param>
    /// <param name="scenes">Which; repetition allowed.</param>
    /// <param name="answers">For each scene of the run its answers by step.</param>
    /// <param name="format">Size of the pictures.</param>
    /// <returns>One for each scene, in order.</returns>
    public async Task<SceneView[]> ViewsAsync(
        OpenLeaderboard open, Run run, IReadOnlyList<int> scenes, IReadOnlyList<string>[] answers, FrameFormat format)
    {
        Remember(run, format);
        // The last answer ends an episode, and nothing is shown of what came of it.
        var isOneStep = TaskCatalog.Find(run.Request.Task).Spec.MaxSteps == 1;
        var views = new Dictionary<int, SceneView>();
        foreach (var wanted in scenes.Where(scene => isOneStep || answers[scene].Count == 0)
            .ToLookup(scene => scene / SheetSize))
        {
            var sheet = await SheetAsync(open, run, wanted.Key, format);
            foreach (var scene in wanted)
            {
                views[scene] = sheet[scene % SheetSize];
            }
        }

        if (scenes.Count > 0)
        {
            PrepareAhead(open, run, (scenes.Max() / SheetSize) + 1, format);
        }

        await AddAnsweredAsync(open, run, views, [.. scenes.Where(scene => !views.ContainsKey(scene)).Distinct()],
            answers, format);
        return [.. scenes.Select(scene => views[scene])];
    }

    /// <summary>Scenes that were prepared and are still there, for whoever scores them; null for the others.</summary>
    public SceneState?[] Known(RunSpec run, IReadOnlyList<ulong> seeds) =>
        [.. seeds.Select(seed => _states.TryGet((BoardOf(run), seed), out var state) ? state : null)];

    private void PrepareAhead(OpenLeaderboard open, Run run, int first, FrameFormat? format) => _ = Task.Run(async () =>
    {
        for (var sheet = first; sheet < first + SheetsAhead && CountOf(run, sheet) > 0; sheet++)
        {
            if (format is { } size)
            {
                await SheetAsync(open, run, sheet, size, isAhead: true);
            }
            else if (sheet * SheetSize % GroupSize == 0 || sheet == first)
            {
                var seeds = await GroupSeedsAsync(open, run, sheet);
                await work.RunAsync(() => Simulate(run.Request, seeds), isAhead: true);
            }
        }
    });

    private void Remember(Run run, FrameFormat? format)
    {
        if (format is { } size)
        {
            _formats.Set(run.Id, size, BytesOfFormat);
        }
    }

    private static string BoardOf(RunSpec run) => $"{run.Board}\n{run.Options}";

    private static int CountOf(Run run, int sheet) => Math.Min(SheetSize, run.Request.Count - (sheet * SheetSize));

    private async Task<SceneView[]> SheetAsync(
        OpenLeaderboard open, Run run, int sheet, FrameFormat format, bool isAhead = false)
    {
        var key = new SheetKey(run.Id, sheet, format.Width, format.Height);
        if (_sheets.TryGet(key, out var ready))
        {
            return ready;
        }

        var drawing = _underway.GetOrAdd(key, _ => new Lazy<Task<SceneView[]>>(
            () => DrawAsync(open, run, sheet, format, isAhead)));
        try
        {
            return await drawing.Value;
        }
        finally
        {
            _underway.TryRemove(key, out _);
        }
    }

    private async Task<SceneView[]> DrawAsync(
        OpenLeaderboard open, Run run, int sheet, FrameFormat format, bool isAhead)
    {
        var seeds = await GroupSeedsAsync(open, run, sheet);
        int[] slots = [.. Enumerable.Range(sheet * SheetSize % GroupSize, CountOf(run, sheet))];
        var views = await work.RunAsync(
            () => Draw(Simulate(run.Request, seeds), slots, new bool[GroupSize], format), isAhead);
        _sheets.Set(new SheetKey(run.Id, sheet, format.Width, format.Height), views, views.Sum(view => view.Bytes));
        return views;
    }

    // Seeds of the whole group that a sheet is part of.
    private static Task<ulong[]> GroupSeedsAsync(OpenLeaderboard open, Run run, int sheet) => open.Board.SeedsAsync(
        run, Enumerable.Range(sheet * SheetSize / GroupSize * GroupSize, GroupSize));

    private EnvironmentBatch Simulate(RunSpec run, ulong[] seeds)
    {
        var known = Known(run, seeds);
        if (known[0] is { Slot: 0 } && known.All(state => state?.Batch == known[0]!.Batch))
        {
            return known[0]!.Batch;
        }

        var batch = replay.Begin(run, seeds, known);
        for (var slot = 0; slot < seeds.Length; slot++)
        {
            _states.Set((BoardOf(run), seeds[slot]), new SceneState(batch, slot), BytesOfState);
        }

        return batch;
    }

    // What is being drawn already is waited for, so that a look simulates nothing that its answer has begun.
    private async Task AddAnsweredAsync(
        OpenLeaderboard open, Run run, Dictionary<int, SceneView> views, IReadOnlyList<int> scenes,
        IReadOnlyList<string>[] answers, FrameFormat format)
    {
        var mine = new Dictionary<int, TaskCompletionSource<SceneView>>();
        var underway = new Dictionary<int, Task<SceneView>>();
        foreach (var scene in scenes)
        {
            var key = KeyOf(run, scene, answers, format);
            if (_answered.TryGet(key, out var view))
            {
                views[scene] = view;
                continue;
            }

            var own = new TaskCompletionSource<SceneView>(TaskCreationOptions.RunContinuationsAsynchronously);
            underway[scene] = _answering.GetOrAdd(key, own.Task);
            if (underway[scene] == own.Task)
            {
                mine[scene] = own;
            }
        }

        foreach (var chunk in mine.Chunk(RunReplay.MaxScenes))
        {
            await DrawAnsweredAsync(open, run, chunk, answers, format);
        }

        foreach (var (scene, drawing) in underway)
        {
            views[scene] = await drawing;
        }
    }

    private async Task DrawAnsweredAsync(
        OpenLeaderboard open, Run run, KeyValuePair<int, TaskCompletionSource<SceneView>>[] chunk,
        IReadOnlyList<string>[] answers, FrameFormat format)
    {
        try
        {
            var seeds = await open.Board.SeedsAsync(run, chunk.Select(pair => pair.Key));
            var drawn = await work.RunAsync(() =>
            {
                var played = replay.Play(run.Request, seeds, [.. chunk.Select(pair => answers[pair.Key])],
                    isFinal: false, Known(run.Request, seeds));
                return Draw(played.Batch, [.. Enumerable.Range(0, chunk.Length)], played.HasEnded, format);
            });
            for (var i = 0; i < chunk.Length; i++)
            {
                _answered.Set(KeyOf(run, chunk[i].Key, answers, format), drawn[i], drawn[i].Bytes);
                chunk[i].Value.SetResult(drawn[i]);
            }
        }
        catch (Exception failure)
        {
            Array.ForEach(chunk, pair => pair.Value.TrySetException(failure));
        }
        finally
        {
            Array.ForEach(chunk, pair => _answering.TryRemove(KeyOf(run, pair.Key, answers, format), out _));
        }
    }

    private static AnsweredKey KeyOf(Run run, int scene, IReadOnlyList<string>[] answers, FrameFormat format) =>
        new(run.Id, scene, string.Join('\0', answers[scene]), format.Width, format.Height);

    private static SceneView[] Draw(EnvironmentBatch batch, int[] slots, bool[] hasEnded, FrameFormat format)
    {
        var size = format.BytesOf(Channels.Rgb);
        var views = new List<SceneView>(slots.Length);
        foreach (var some in slots.Chunk(Math.Max(1, MaxPixelBytes / size)))
        {
            var pixels = new byte[some.Length * size];
            batch.View.Render(some, format, new FrameBuffers { Rgb = pixels });
            views.AddRange(some.Select((slot, i) => new SceneView(
                UnsafeByteOperations.UnsafeWrap(
                    PngEncoder.Encode(pixels.AsSpan(i * size, size), format.Width, format.Height)),
                batch.View.Prompt(slot), hasEnded[slot], batch.View.Aim(slot))));
        }

        return [.. views];
    }

    private readonly record struct SheetKey(string Run, int Sheet, int Width, int Height);

    private readonly record struct AnsweredKey(string Run, int Scene, string Answers, int Width, int Height);
}

/// <summary>What a player may see of a scene.</summary>
/// <param name="Picture">PNG file.</param>
/// <param name="Prompt">What is asked.</param>
/// <param name="HasEnded">Whether the episode has ended before its last step.</param>
/// <param name="Aim">For people, who point where programs count.</param>
internal sealed record SceneView(ByteString Picture, string Prompt, bool HasEnded, Aim? Aim)
{
    /// <summary>About what it takes in memory.</summary>
    public long Bytes => Picture.Length + (2 * Prompt.Length) + 100;
}

/// <summary>Keeps what was used last, up to a number of bytes.</summary>
/// <param name="maxBytes">Beyond this, what was not used for longest goes.</param>
internal sealed class LimitedCache<TKey, TValue>(long maxBytes)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value, long Bytes)>> _entries = [];
    private readonly LinkedList<(TKey Key, TValue Value, long Bytes)> _byUse = new();
    private long _bytes;

    /// <summary>Finds an entry and counts it as used.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                value = default;
                return false;
            }

            _byUse.Remove(entry);
            _byUse.AddFirst(entry);
            value = entry.Value.Value;
            return true;
        }
    }

    /// <summary>Adds an entry, or replaces it.</summary>
    public void Set(TKey key, TValue value, long bytes)
    {
        lock (_lock)
        {
            Remove(key);
            _entries[key] = _byUse.AddFirst((key, value, bytes));
            _bytes += bytes;
            while (_bytes > maxBytes && _byUse.Last is { } oldest)
            {
                Remove(oldest.Value.Key);
            }
        }
    }

    private void Remove(TKey key)
    {
        if (_entries.Remove(key, out var entry))
        {
            _byUse.Remove(entry);
            _bytes -= entry.Value.Bytes;
        }
    }
}
