using System.Diagnostics;
using System.Text.Json;
using PhysIntuition.Client;
using PhysIntuition.V1;
using PhysIntuition.Vlm.Images;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>Scenes of one task behind one client, as a snapshot that can be answered again and again.</summary>
internal sealed class SceneBatch
{
    private static readonly Observe s_verdict = new("info");

    private readonly EnvironmentPool _pool;
    private readonly ReadOnlyMemory<byte> _snapshot;

    private SceneBatch(EnvironmentPool pool, Question[] questions, ReadOnlyMemory<byte> snapshot)
    {
        (_pool, _snapshot, Questions) = (pool, snapshot, questions);
    }

    public IReadOnlyList<Question> Questions { get; }

    public int MaxTurns => _pool.MaxTurns;

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
            var questions = Read(reset.Observations, i => firstSeed + (ulong)i, pool.PictureSize);
            return new SceneBatch(pool, questions, await environment.SnapshotAsync().ConfigureAwait(false));
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
        return await StepAsync(environment, seeds, [.. answers.SelectMany(row => row)], turn: 0).ConfigureAwait(false);
    }

    /// <summary>Answers the next questions of episodes that go on.</summary>
    public Task<PartTurn> ContinueAsync(PartTurn turn, IReadOnlyList<string> answers) =>
        StepAsync(turn.Environment, [.. turn.Next.Select(question => question.Seed)], answers, turn.Number + 1);

    private async Task<PartTurn> StepAsync(
        IEnvironment environment, ulong[] seeds, IReadOnlyList<string> answers, int turn)
    {
        var watch = Stopwatch.StartNew();
        var isLast = turn + 1 == MaxTurns;
        var observe = isLast ? s_verdict : _pool.QuestionAndVerdict;
        var step = await environment.StepAsync(answers, new StepSettings { Observe = observe }).ConfigureAwait(false);
        var infos = step.Observations["info"].Texts;
        var scores = new Score[answers.Count];
        for (var row = 0; row < scores.Length; row++)
        {
            scores[row] = new Score(step.Rewards[row], IsReadable(infos[row]));
        }

        var next = isLast ? [] : Read(step.Observations, row => seeds[row], _pool.PictureSize);
        if (isLast)
        {
            _pool.Return(environment);
        }
        else if (step.Terminated.Contains(true))
        {
            throw new NotSupportedException(
                "Some episodes of a batch ended before others; tasks of varying length cannot be learned here.");
        }

        _pool.AddJudging(watch.Elapsed);
        return new PartTurn(this, environment, turn, scores, next);
    }

    private static Question[] Read(Observations seen, Func<int, ulong> seedOf, int size)
    {
        var (pictures, prompts, experts) = (seen["rgb"], seen["prompt"].Texts, seen["expert"].Texts);
        return [.. Enumerable.Range(0, prompts.Count).Select(row => new Question(
            seedOf(row), prompts[row], new RgbImage(size, size, pictures.Row(row).ToArray()), experts[row]))];
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
    SceneBatch Batch, IEnvironment Environment, int Number, Score[] Scores, Question[] Next);
