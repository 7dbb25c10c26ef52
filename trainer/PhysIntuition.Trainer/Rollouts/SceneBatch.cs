using PhysIntuition.Client;
using PhysIntuition.V1;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>Scenes of one task behind one client, as a snapshot that can be answered again and again.</summary>
internal sealed class SceneBatch
{
    private static readonly Observe s_verdict = new("info");

    private readonly EnvironmentPool _pool;
    private readonly ReadOnlyMemory<byte> _snapshot;

    private SceneBatch(EnvironmentPool pool, Question[] questions, ReadOnlyMemory<byte> snapshot, int maxTurns)
    {
        (_pool, _snapshot, Questions, MaxTurns) = (pool, snapshot, questions, maxTurns);
    }

    public IReadOnlyList<Question> Questions { get; }

    /// <summary>Turns that an episode may have.</summary>
    public int MaxTurns { get; }

    public RewardInfo Anchors => _pool.Task.Reward;

    /// <summary>Arranges, settles and draws the scenes of consecutive seeds.</summary>
    public static async Task<SceneBatch> AskAsync(EnvironmentPool pool, ulong firstSeed, int count, string options)
    {
        var watch = Stopwatch.StartNew();
        var environment = await pool.RentAsync(count).ConfigureAwait(false);
        try
        {
            var reset = await environment.ResetAsync(new ResetSettings
            {
                Seed = firstSeed, Options = options.Length == 0 ? [] : [options], Observe = pool.Question,
            }).ConfigureAwait(false);
            var questions = Read(pool, reset.Observations, i => firstSeed + (ulong)i);
            return new SceneBatch(pool, questions, await environment.SnapshotAsync().ConfigureAwait(false),
                pool.MaxTurns(options));
        }
        finally
        {
            pool.Return(environment);
            pool.AddAsking(watch.Elapsed);
        }
    }

    /// <summary>Answers every scene, each answer on its own copy.</summary>
    public async Task<PartTurn> AnswerAsync(IReadOnlyList<IReadOnlyList<string>> answers)
    {
        var each = answers[0].Count;
        var environment = await _pool.RentAsync(answers.Count * each).ConfigureAwait(false);
        var watch = Stopwatch.StartNew();
        int[] sources = [.. Enumerable.Range(0, environment.Slots).Select(slot => slot / each)];
        await environment.RestoreAsync(_snapshot, sources).ConfigureAwait(false);
        _pool.AddJudging(watch.Elapsed);
        ulong[] seeds = [.. sources.Select(scene => Questions[scene].Seed)];
        int[] slots = [.. Enumerable.Range(0, environment.Slots)];
        return await StepAsync(environment, (slots, seeds), [.. answers.SelectMany(row => row)], turn: 0)
            .ConfigureAwait(false);
    }

    /// <summary>Answers the next questions of episodes that go on.</summary>
    public Task<PartTurn> ContinueAsync(PartTurn turn, IReadOnlyList<string> answers) => StepAsync(
        turn.Environment, (turn.Slots, [.. turn.Next.Select(question => question.Seed)]), answers, turn.Number + 1);

    private async Task<PartTurn> StepAsync(
        IEnvironment environment, (int[] Slots, ulong[] Seeds) open, IReadOnlyList<string> answers, int turn)
    {
        var watch = Stopwatch.StartNew();
        var isLast = turn + 1 == MaxTurns;
        var observe = isLast ? s_verdict : _pool.QuestionAndVerdict;
        var settings = new StepSettings { Observe = observe };
        if (open.Slots.Length < environment.Slots)
        {
            var mask = new bool[environment.Slots];
            Array.ForEach(open.Slots, slot => mask[slot] = true);
            settings = settings with { Mask = mask };
        }

        var step = await environment.StepAsync(answers, settings).ConfigureAwait(false);
        var infos = step.Observations["info"].Texts;
        var scores = new Score[answers.Count];
        for (var row = 0; row < scores.Length; row++)
        {
            scores[row] = new Score(step.Rewards[row], IsReadable(infos[row]));
        }

        int[] goOn = [.. Enumerable.Range(0, scores.Length).Where(
            row => !isLast && !step.Terminated[row] && !step.Truncated[row])];
        var asked = goOn.Length == 0 ? [] : Read(_pool, step.Observations, row => open.Seeds[row]);
        if (goOn.Length == 0)
        {
            _pool.Return(environment);
        }

        _pool.AddJudging(watch.Elapsed);
        return new PartTurn(this, environment, turn, scores, [.. goOn.Select(row => asked[row])])
        {
            GoOn = goOn, Slots = [.. goOn.Select(row => open.Slots[row])],
        };
    }

    private static Question[] Read(EnvironmentPool pool, Observations seen, Func<int, ulong> seedOf)
    {
        var (pictures, prompts, experts) = (seen["rgb"], seen["prompt"].Texts, seen["expert"].Texts);
        var size = pool.PictureSize;
        return [.. Enumerable.Range(0, prompts.Count).Select(row => new Question(
            seedOf(row), prompts[row], new RgbImage(size, size, pictures.Row(row).ToArray()), experts[row])
        {
            Task = pool.Task.Id,
        })];
    }

    private static bool IsReadable(string info)
    {
        using var document = JsonDocument.Parse(info);
        return document.RootElement.GetProperty("parse_error").ValueKind == JsonValueKind.Null;
    }
}

/// <summary>One turn of the scenes of one batch.</summary>
/// <param name="Batch">Whose.</param>
/// <param name="Environment">Where the episodes go on.</param>
/// <param name="Number">From 0 on.</param>
/// <param name="Scores">What the answers earned.</param>
/// <param name="Next">What is asked next; empty at the end.</param>
internal sealed record PartTurn(
    SceneBatch Batch, IEnvironment Environment, int Number, Score[] Scores, Question[] Next)
{
    /// <summary>For each question of <see cref="Next"/>, which answer of this turn it follows.</summary>
    public required int[] GoOn { get; init; }

    /// <summary>And its place in the environment.</summary>
    public required int[] Slots { get; init; }
}
