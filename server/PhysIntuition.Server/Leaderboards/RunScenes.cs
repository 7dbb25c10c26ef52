using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using PhysIntuition.Environments.Episodes;
using Run = PhysIntuition.Leaderboard.Run;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>What a player of a held-out run may see.</summary>
internal sealed class RunScenes(
    PreparedScenes prepared, IOptions<LimitOptions> limits, IOptions<LeaderboardOptions> options, TimeProvider time)
{
    private const int DefaultEdge = 224;    // pixels
    private const int SmallestEdge = 16;    // pixels
    private const int MostEndings = 100_000;

    private readonly LookLimit _looks = new(options.Value.LooksPerSecond);

    // Whether an episode ended before its last step: a pure function of the answers, kept because it takes a replay.
    private readonly ConcurrentDictionary<(string Run, int Scene, int Answers), bool> _hasEnded = new();

    /// <summary>Begins to prepare a run that was just opened.</summary>
    public void Begin(OpenLeaderboard open, Run run, FrameFormat? format) => prepared.Begin(open, run, format);

    /// <summary>Begins to prepare what came of answers just stored, where another answer may follow.</summary>
    public async Task AnsweredAsync(OpenLeaderboard open, Run run, IEnumerable<int> scenes)
    {
        var steps = TaskCatalog.Find(run.Request.Task).Spec.MaxSteps;
        if (steps > 1)
        {
            var answers = AnswersByScene.Of(await open.Store.AnswersAsync(run.Id), run.Request.Count);
            prepared.BeginAnswered(
                open, run, [.. scenes.Distinct().Where(scene => answers[scene].Count < steps)], answers);
        }
    }

    /// <summary>Pictures and prompts after the answers so far.</summary>
    public async Task<ObserveRunReply> ObserveAsync(OpenLeaderboard open, Run run, ObserveRunRequest request)
    {
        var chosen = Check(run, request);
        var format = Format(request.Width, request.Height);
        using var place = _looks.Take(run.Id, Cost(run, chosen, format));
        return await PacedAsync(async () =>
        {
            var answers = AnswersByScene.Of(await open.Store.AnswersAsync(run.Id), run.Request.Count);
            var views = await prepared.ViewsAsync(open, run, chosen, answers, format);
            var steps = TaskCatalog.Find(run.Request.Task).Spec.MaxSteps;
            var ended = chosen.Zip(views, (scene, view) => view.HasEnded || answers[scene].Count >= steps);
            return new ObserveRunReply
            {
                Pictures = { views.Select(view => view.Picture) },
                Prompts = { views.Select(view => view.Prompt) },
                Ended = ByteString.CopyFrom([.. ended.Select(one => one ? (byte)1 : (byte)0)]),
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
        var done = (new NextScene { Done = true }, (Aim?)null);
        if (run.State != RunState.Open)
        {
            return done;
        }

        var answers = AnswersByScene.Of(await open.Store.AnswersAsync(run.Id), run.Request.Count);
        var first = Array.FindIndex(answers, texts => texts.Count == 0);
        using var place = _looks.Take(run.Id, Cost(run, [Math.Max(first, 0)], format));
        return await PacedAsync(async () =>
        {
            var waiting = await WaitingAsync(open, run, answers, format);
            if (waiting.Count == 0)
            {
                return done;
            }

            var view = (await prepared.ViewsAsync(open, run, [waiting[0]], answers, format))[0];
            return (new NextScene
            {
                Scene = (uint)waiting[0],
                Step = (uint)answers[waiting[0]].Count,
                Picture = view.Picture,
                Prompt = view.Prompt,
                Remaining = (uint)waiting.Count,
            }, view.Aim);
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

        int[] chosen = [.. worst.Select(result => result.Scene)];
        using var place = _looks.Take(run.Id, Cost(run, chosen, format));
        var answers = AnswersByScene.Of(await open.Store.AnswersAsync(run.Id), run.Request.Count);
        IReadOnlyList<string>[] before = [.. answers.Select(texts => texts.SkipLast(1).ToArray())];
        var views = await prepared.ViewsAsync(open, run, chosen, before, format);
        return new ListFailuresReply
        {
            Failures =
            {
                worst.Zip(views, (result, view) => new Failure
                {
                    Scene = (uint)result.Scene,
                    Reward = result.Reward,
                    Prompt = view.Prompt,
                    Picture = view.Picture,
                    Answers = { answers[result.Scene] },
                }),
            },
        };
    }

    /// <summary>A size of pictures; zeros are 224 pixels.</summary>
    public FrameFormat Format(uint width, uint height, string prefix = "") =>
        new(Edge($"{prefix}width", width), Edge($"{prefix}height", height), Channels.Rgb);

    // Scenes that still take an answer. Only episodes with some answers but not all need a replay to know.
    private async Task<List<int>> WaitingAsync(
        OpenLeaderboard open, Run run, IReadOnlyList<string>[] answers, FrameFormat format)
    {
        var steps = TaskCatalog.Find(run.Request.Task).Spec.MaxSteps;
        int[] unknown = [.. Enumerable.Range(0, answers.Length).Where(scene =>
            answers[scene].Count > 0 && answers[scene].Count < steps &&
            !_hasEnded.ContainsKey((run.Id, scene, answers[scene].Count)))];
        if (_hasEnded.Count > MostEndings)
        {
            _hasEnded.Clear();
        }

        foreach (var (scene, view) in unknown.Zip(await prepared.ViewsAsync(open, run, unknown, answers, format)))
        {
            _hasEnded[(run.Id, scene, answers[scene].Count)] = view.HasEnded;
        }

        return [.. Enumerable.Range(0, answers.Length).Where(scene => answers[scene].Count < steps &&
            !_hasEnded.GetValueOrDefault((run.Id, scene, answers[scene].Count)))];
    }

    // A reply leaves only at a whole multiple of a pace that copying does not reach: a clock tells nothing about it.
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

    // In pictures of the usual size: those that leave, and those that have to be drawn for it.
    private int Cost(Run run, int[] chosen, FrameFormat format)
    {
        var scale = Math.Max(1, format.Width * format.Height / (double)(DefaultEdge * DefaultEdge));
        return chosen.Length + (int)(prepared.Undrawn(run, chosen, format) * scale);
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

/// <summary>How often and how many at a time a run may be looked at.</summary>
/// <param name="perSecond">Pictures of 224 x 224; bursts of four seconds' worth.</param>
internal sealed class LookLimit(int perSecond)
{
    private const int MostAtOnce = 32;

    private readonly BurstLimit _rate = new(
        perSecond, burstSeconds: 4, periodSeconds: 0.1, nameof(LeaderboardOptions.LooksPerSecond));

    private readonly PartitionedRateLimiter<string> _places = PartitionedRateLimiter.Create<string, string>(
        run => RateLimitPartition.GetConcurrencyLimiter(run, _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = MostAtOnce,
            QueueLimit = 0,
        }));

    /// <summary>Takes a place until it is disposed.</summary>
    /// <param name="run">Whose scenes are looked at.</param>
    /// <param name="pictures">What the look costs; more than a burst counts as a burst.</param>
    public IDisposable Take(string run, int pictures)
    {
        var place = _places.AttemptAcquire(run);
        if (!place.IsAcquired)
        {
            Throw.LimitReached("looks at a run at a time", MostAtOnce, "places", TimeSpan.FromMilliseconds(50));
        }

        try
        {
            _rate.Take(run, pictures);
            return place;
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }
}

/// <summary>How much callers may have of something in a second, each for themselves.</summary>
/// <param name="perSecond">How much.</param>
/// <param name="burstSeconds">Seconds' worth that may be taken at once.</param>
/// <param name="periodSeconds">After so many more may be taken.</param>
/// <param name="setting">The leaderboard's option that sets it.</param>
internal sealed class BurstLimit(int perSecond, int burstSeconds, double periodSeconds, string setting)
{
    private readonly PartitionedRateLimiter<string> _rate = PartitionedRateLimiter.Create<string, string>(
        who => RateLimitPartition.GetTokenBucketLimiter(who, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = burstSeconds * perSecond,
            TokensPerPeriod = Math.Max(1, (int)(perSecond * periodSeconds)),
            ReplenishmentPeriod = TimeSpan.FromSeconds(periodSeconds),
            QueueLimit = 0,
        }));

    /// <summary>Takes the cost of a call; more than a burst counts as a burst.</summary>
    public void Take(string who, int cost)
    {
        using var taken = _rate.AttemptAcquire(who, Math.Min(cost, burstSeconds * perSecond));
        if (!taken.IsAcquired)
        {
            Throw.TooFast($"{LeaderboardOptions.Section}:{setting}",
                taken.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1));
        }
    }
}
