using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Server.Faults;
using PhysIntuition.Server.Options;
using PhysIntuition.V1;
using Run = PhysIntuition.Leaderboard.Runs.Run;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>What a player of a held-out run may see.</summary>
internal sealed class RunScenes(
    RunReplay replay, IOptions<LimitOptions> limits, IOptions<LeaderboardOptions> options, TimeProvider time)
{
    private const int DefaultEdge = 224;    // pixels
    private const int SmallestEdge = 16;    // pixels
    private const int MostEndings = 100_000;

    // Whether an episode ended before its last step: a pure function of the answers, kept because it takes a replay.
    private readonly ConcurrentDictionary<(string Run, int Scene, int Answers), bool> _hasEnded = new();

    /// <summary>Pictures and prompts after the answers so far.</summary>
    public async Task<ObserveRunReply> ObserveAsync(OpenLeaderboard open, Run run, ObserveRunRequest request)
    {
        var chosen = Check(run, request);
        var format = Format(request.Width, request.Height);
        var answers = AnswersByScene.Of(await open.Store.AnswersAsync(run.Id), run.Request.Count);
        return await PacedAsync(async () =>
        {
            var played = await PlayAsync(open, run, chosen, answers);
            return new ObserveRunReply
            {
                Pictures = { Pictures(played, format) },
                Prompts = { Enumerable.Range(0, chosen.Length).Select(slot => played.Batch.View.Prompt(slot)) },
                Ended = ByteString.CopyFrom([.. played.HasEnded.Select(ended => ended ? (byte)1 : (byte)0)]),
            };
        });
    }

    /// <summary>The first scene that takes an answer.</summary>
    public async Task<NextScene> NextAsync(OpenLeaderboard open, Run run, GetNextRequest request) =>
        (await NextWithAimAsync(open, run, request)).Scene;

    /// <summary>The same, and what a person needs to point at places in its picture.</summary>
    public async Task<(NextScene Scene, Aim? Aim)> NextWithAimAsync(
        OpenLeaderboard open, Run run, GetNextRequest request)
    {
        var format = Format(request.Width, request.Height);
        var answers = AnswersByScene.Of(await open.Store.AnswersAsync(run.Id), run.Request.Count);
        var done = (new NextScene { Done = true }, (Aim?)null);
        return run.State != RunState.Open ? done : await PacedAsync(async () =>
        {
            var waiting = await WaitingAsync(open, run, answers);
            if (waiting.Count == 0)
            {
                return done;
            }

            var played = await PlayAsync(open, run, [waiting[0]], answers);
            var scene = new NextScene
            {
                Scene = (uint)waiting[0],
                Step = (uint)answers[waiting[0]].Count,
                Picture = Pictures(played, format).Single(),
                Prompt = played.Batch.View.Prompt(0),
                Remaining = (uint)waiting.Count,
            };
            return (scene, played.Batch.View.Aim(0));
        });
    }

    /// <summary>What the player saw before its last answer to each scene, and the answers.</summary>
    public async Task<ListFailuresReply> FailuresAsync(
        OpenLeaderboard open, Run run, SceneResult[] worst, ListFailuresRequest request)
    {
        var format = Format(request.Width, request.Height);
        if (worst.Length == 0)
        {
            return new ListFailuresReply();
        }

        var answers = AnswersByScene.Of(await open.Store.AnswersAsync(run.Id), run.Request.Count);
        var before = answers.Select(texts => (IReadOnlyList<string>)[.. texts.SkipLast(1)]).ToArray();
        var played = await PlayAsync(open, run, [.. worst.Select(result => result.Scene)], before);
        return new ListFailuresReply
        {
            Failures =
            {
                worst.Zip(Pictures(played, format)).Select((pair, slot) => new Failure
                {
                    Scene = (uint)pair.First.Scene,
                    Reward = pair.First.Reward,
                    Prompt = played.Batch.View.Prompt(slot),
                    Picture = pair.Second,
                    Answers = { answers[pair.First.Scene] },
                }),
            },
        };
    }

    // Scenes that still take an answer. Only episodes with some answers but not all need a replay to know.
    private async Task<List<int>> WaitingAsync(OpenLeaderboard open, Run run, IReadOnlyList<string>[] answers)
    {
        var steps = TaskCatalog.Find(run.Request.Task).Spec.MaxSteps;
        var unknown = Enumerable.Range(0, answers.Length).Where(scene =>
            answers[scene].Count > 0 && answers[scene].Count < steps &&
            !_hasEnded.ContainsKey((run.Id, scene, answers[scene].Count)));
        if (_hasEnded.Count > MostEndings)
        {
            _hasEnded.Clear();
        }

        foreach (var chunk in unknown.ToArray().Chunk(RunReplay.MaxScenes))
        {
            var played = await PlayAsync(open, run, chunk, answers);
            for (var slot = 0; slot < chunk.Length; slot++)
            {
                _hasEnded[(run.Id, chunk[slot], answers[chunk[slot]].Count)] = played.HasEnded[slot];
            }
        }

        return [.. Enumerable.Range(0, answers.Length).Where(scene => answers[scene].Count < steps &&
            !_hasEnded.GetValueOrDefault((run.Id, scene, answers[scene].Count)))];
    }

    private async Task<Replayed> PlayAsync(
        OpenLeaderboard open, Run run, int[] chosen, IReadOnlyList<string>[] answers)
    {
        var seeds = await open.Board.SeedsAsync(run, chosen);
        return await Task.Run(() => replay.Play(
            run.Request, seeds, [.. chosen.Select(scene => answers[scene])], isFinal: false));
    }

    // A scene that falls takes less time to prepare than one that stands. Replies therefore leave only at whole
    // multiples of a pace that is far longer than a scene takes, so that nobody can read labels off a clock.
    private async Task<T> PacedAsync<T>(Func<Task<T>> work)
    {
        var start = time.GetTimestamp();
        var reply = await work();
        var pace = options.Value.ReplyPace;
        if (pace > TimeSpan.Zero)
        {
            var spent = time.GetElapsedTime(start);
            await Task.Delay(pace - TimeSpan.FromTicks(spent.Ticks % pace.Ticks), time);
        }

        return reply;
    }

    private static IEnumerable<ByteString> Pictures(Replayed played, FrameFormat format)
    {
        var size = format.BytesOf(Channels.Rgb);
        var pixels = new byte[size * played.Batch.Slots];
        var slots = Enumerable.Range(0, played.Batch.Slots).ToArray();
        played.Batch.View.Render(slots, format, new FrameBuffers { Rgb = pixels });
        return slots.Select(slot => UnsafeByteOperations.UnsafeWrap(
            PngEncoder.Encode(pixels.AsSpan(slot * size, size), format.Width, format.Height)));
    }

    private static int[] Check(Run run, ObserveRunRequest request)
    {
        if (request.Scenes.Count is 0 or > RunReplay.MaxScenes)
        {
            Throw.OutOfRange("scenes", $"{request.Scenes.Count} indices",
                $"it must have 1 to {RunReplay.MaxScenes}", "Ask for fewer at a time.");
        }

        foreach (var scene in request.Scenes)
        {
            if (scene >= run.Request.Count)
            {
                Throw.OutOfRange("scenes", scene, $"the run has scenes 0 to {run.Request.Count - 1}", "Ask for those.");
            }
        }

        return [.. request.Scenes.Select(scene => (int)scene)];
    }

    private FrameFormat Format(uint width, uint height) =>
        new(Edge("width", width), Edge("height", height), Channels.Rgb);

    private int Edge(string field, uint wanted)
    {
        if (wanted == 0)
        {
            return DefaultEdge;
        }

        if (wanted < SmallestEdge || wanted > limits.Value.MaxPictureEdge)
        {
            Throw.OutOfRange(field, wanted, $"it must be in [{SmallestEdge}, {limits.Value.MaxPictureEdge}] pixels",
                "Choose another size, or 0 for 224.");
        }

        return (int)wanted;
    }
}
