using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Trainer;

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

    /// <summary>What answers may be.</summary>
    public AnswerConstraint Constrain { get; init; }
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
    private const int SamplesPerTask = 6;
    private const double Normal95 = 1.96;   // two-sided 95 % quantile of the normal distribution

    /// <summary>Evaluates; the same policy, source and options give the same result.</summary>
    public static EvaluationResult Run(Policy policy, QuestionSource source, EvaluationOptions options) =>
        Run(policy, source, options, samples: null);

    /// <summary>What each scene's answer earned, in the order of scenes.</summary>
    internal static IReadOnlyList<Score> Scores(Policy policy, QuestionSource source, EvaluationOptions options) =>
        Ask(policy, source, options, samples: null, expert: null);

    /// <summary>Evaluates, and keeps some questions with their answers.</summary>
    internal static EvaluationResult Run(
        Policy policy, QuestionSource source, EvaluationOptions options, List<Sample>? samples)
    {
        var expert = new List<Score>();
        return Summarise(Ask(policy, source, options, samples, expert), expert);
    }

    private static List<Score> Ask(
        Policy policy, QuestionSource source, EvaluationOptions options, List<Sample>? samples, List<Score>? expert)
    {
        var own = new List<Score>();
        var constraints = new AnswerConstraints(
            policy, options.Constrain == AnswerConstraint.Answer, source.Options);
        for (var done = 0; done < options.Questions; done += options.Batch)
        {
            var count = Math.Min(options.Batch, options.Questions - done);
            var episodes = source.Ask(options.FirstSeed + (ulong)done, count);
            var rollout = new Rollout(policy, episodes, each: 1, (prompts, tasks, _, turn) => policy.Write(
                prompts, Generation(policy, options, done, turn) with
                {
                    Constraints = constraints.Of(tasks),
                }), Examples(source, options, done, count));
            Rollout.Finish([rollout], new Stopwatch());
            if (done == 0)
            {
                samples?.AddRange(Sample.Of(source.Task.Id, episodes, rollout, SamplesPerTask));
            }

            own.AddRange(rollout.Returns.Zip(
                rollout.AreReadable, (earned, isReadable) => new Score(earned, isReadable)));
            expert?.AddRange(Experts(episodes).Select(earned => new Score(earned, IsReadable: true)));
        }

        return own;
    }

    internal static EvaluationResult Summarise(IReadOnlyList<Score> own, IReadOnlyList<Score> expert)
    {
        const double rounding = 1e-9;
        double[] rewards = [.. own.Select(score => score.Reward)];
        return new EvaluationResult(
            own.Count,
            rewards.Average(),
            Normal95 * Recipes.Advantages.Deviation(rewards) / Math.Sqrt(own.Count),
            own.Zip(expert).Average(pair => pair.First.Reward >= pair.Second.Reward - rounding ? 1.0 : 0),
            own.Average(score => score.IsReadable ? 1.0 : 0),
            expert.Average(score => score.Reward));
    }

    private static GenerationOptions Generation(Policy policy, EvaluationOptions options, int done, int turn) => new()
    {
        Sampling = options.Sampling, MaxNewTokens = options.MaxTokens, StopTokens = policy.StopTokens,
        Seed = SeedSequence.Seed(options.Seed, done, microBatch: 0, turn),
    };

    private static IReadOnlyList<Answered[]>? Examples(
        QuestionSource source, EvaluationOptions options, int done, int count) => options.Examples == 0
        ? null
        : [.. source.Ask(options.FirstExampleSeed + (ulong)(done * options.Examples), count * options.Examples)
            .Questions.Select(question => question.WithExpert).Chunk(options.Examples)];

    /// <summary>What the expert earns in each scene, all turns together.</summary>
    private static double[] Experts(Episodes episodes)
    {
        var returns = new double[episodes.Questions.Count];
        int[] open = [.. Enumerable.Range(0, returns.Length)];
        var turn = episodes.AnswerAsync([.. episodes.Questions.Select(question => new[] { question.Expert })])
            .GetAwaiter().GetResult();
        while (true)
        {
            for (var i = 0; i < open.Length; i++)
            {
                returns[open[i]] += turn.Scores[i].Reward;
            }

            if (turn.Next.Count == 0)
            {
                return returns;
            }

            open = [.. turn.Follows.Select(place => open[place])];
            turn = turn.AnswerAsync([.. turn.Next.Select(question => question.Expert)]).GetAwaiter().GetResult();
        }
    }
}

/// <summary>One question of an evaluation and what the policy answered, for people to look at.</summary>
/// <param name="Task">Id with version.</param>
/// <param name="Seed">The scene's.</param>
/// <param name="Prompt">What was asked first.</param>
/// <param name="Answers">What was answered, turn by turn.</param>
/// <param name="Expert">The expert's first answer.</param>
/// <param name="Reward">What the episode earned.</param>
/// <param name="Picture">The first picture, a PNG file.</param>
internal sealed record Sample(
    string Task, ulong Seed, string Prompt, IReadOnlyList<string> Answers, string Expert, double Reward, byte[] Picture)
{
    /// <summary>The first questions of a rollout.</summary>
    public static IEnumerable<Sample> Of(string task, Episodes episodes, Rollout rollout, int count) =>
        episodes.Questions.Zip(rollout.Texts, rollout.Returns).Take(count).Select(item => new Sample(
            task, item.First.Seed, item.First.Prompt, item.Second, item.First.Expert, item.Third,
            PngEncoder.Encode(item.First.Picture.Pixels, item.First.Picture.Width, item.First.Picture.Height)));

    /// <summary>Keeps the samples of a step in a run's folder.</summary>
    public static void Write(string folder, long step, IReadOnlyList<Sample> samples)
    {
        Directory.CreateDirectory(Path.Combine(folder, "samples"));
        var name = string.Create(CultureInfo.InvariantCulture, $"step-{step:D8}.json");
        AtomicFile.Write(Path.Combine(folder, "samples", name),
            stream => JsonSerializer.Serialize(stream, samples, RecipeOptions.Format));
    }

    /// <summary>The samples of the latest step; none where a run was never evaluated.</summary>
    public static IReadOnlyList<Sample> Latest(string folder)
    {
        var place = Path.Combine(folder, "samples");
        var file = Directory.Exists(place) ? Directory.GetFiles(place, "step-*.json").Order().LastOrDefault() : null;
        return file is null ? [] : JsonSerializer.Deserialize<Sample[]>(File.ReadAllBytes(file), RecipeOptions.Format)!;
    }
}
