using PhysIntuition.Trainer.Policies;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Sampling;

namespace PhysIntuition.Trainer.Evaluation;

/// <summary>How a policy is evaluated.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Scenes; consecutive seeds of the source's split.</summary>
    public int Questions { get; init; } = 200;

    /// <summary>The first scene's seed.</summary>
    public ulong FirstSeed { get; init; }

    /// <summary>How answers are drawn; the default takes the best token.</summary>
    public SamplingOptions Sampling { get; init; } = new() { Temperature = 0 };

    /// <summary>Most tokens of an answer.</summary>
    public int MaxTokens { get; init; } = 64;

    /// <summary>Scenes that go through the model together.</summary>
    public int Batch { get; init; } = 50;

    /// <summary>Other scenes, with the expert's answers, that each prompt shows first.</summary>
    public int Examples { get; init; }

    /// <summary>The first example's seed, in the same split; keep it far from the scenes'.</summary>
    public ulong FirstExampleSeed { get; init; } = 1UL << 40;

    /// <summary>Seed of the draws.</summary>
    public ulong Seed { get; init; }
}

/// <summary>What came out.</summary>
/// <param name="Questions">Scenes asked.</param>
/// <param name="Reward">Mean reward.</param>
/// <param name="Interval">Half of the 95 % interval of the mean reward, by the normal approximation.</param>
/// <param name="AsExpert">Share of answers that earned what the expert's earns; accuracy for yes and no.</param>
/// <param name="Readable">Share of answers that could be parsed.</param>
/// <param name="ExpertReward">Mean reward of the expert on the same scenes.</param>
public sealed record EvaluationResult(
    int Questions, double Reward, double Interval, double AsExpert, double Readable, double ExpertReward);

/// <summary>Asks a policy about scenes it was not trained on.</summary>
public static class Evaluator
{
    private const double Normal95 = 1.96;   // two-sided 95 % quantile of the normal distribution

    /// <summary>Evaluates; the same policy, source and options give the same result.</summary>
    public static EvaluationResult Run(Policy policy, QuestionSource source, EvaluationOptions options)
    {
        var (own, expert) = (new List<Score>(), new List<Score>());
        for (var done = 0; done < options.Questions; done += options.Batch)
        {
            var count = Math.Min(options.Batch, options.Questions - done);
            var seed = options.FirstSeed + (ulong)done;
            var questions = source.Ask(seed, count);
            var answers = Answers(policy, source, questions, options, done);
            own.AddRange(source.Judge(seed, answers).Select(row => row[0]));
            expert.AddRange(source.Judge(seed, [.. questions.Select(q => new[] { q.Expert })]).Select(row => row[0]));
        }

        return Summarise(own, expert);
    }

    internal static EvaluationResult Summarise(IReadOnlyList<Score> own, IReadOnlyList<Score> expert)
    {
        const double rounding = 1e-9;
        double[] rewards = [.. own.Select(score => score.Reward)];
        return new EvaluationResult(
            own.Count,
            rewards.Average(),
            Normal95 * Losses.Advantages.Deviation(rewards) / Math.Sqrt(own.Count),
            own.Zip(expert).Average(pair => pair.First.Reward >= pair.Second.Reward - rounding ? 1.0 : 0),
            own.Average(score => score.IsReadable ? 1.0 : 0),
            expert.Average(score => score.Reward));
    }

    private static string[][] Answers(
        Policy policy, QuestionSource source, Question[] questions, EvaluationOptions options, int done)
    {
        var shown = options.FirstExampleSeed + (ulong)(done * options.Examples);
        var examples = options.Examples == 0 ? [] : source.Ask(shown, questions.Length * options.Examples);
        var (batch, pixels) = policy.Batch([.. questions.Select((question, i) => policy.Prompt(
            question, examples.Skip(i * options.Examples).Take(options.Examples)))]);
        using var owned = batch;
        using var ownedPixels = pixels;
        var completions = TextGenerator.Generate(policy.Model, batch, new GenerationOptions
        {
            Sampling = options.Sampling, MaxNewTokens = options.MaxTokens, StopTokens = policy.StopTokens,
            Seed = options.Seed + (ulong)done,
        });
        return [.. completions.Select(row => new[] { policy.Text(row[0].TokenIds) })];
    }
}
