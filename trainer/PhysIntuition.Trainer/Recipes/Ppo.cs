using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>Every knob of proximal policy optimisation.</summary>
public sealed record PpoOptions : TrainingOptions
{
    /// <summary>Scenes per step.</summary>
    [Within(1, double.PositiveInfinity)]
    public int Prompts { get; init; } = 32;

    /// <summary>Answers that go through the model together when it learns.</summary>
    [Within(1, double.PositiveInfinity)]
    public int MicroBatch { get; init; } = 32;

    /// <summary>Answers per scene.</summary>
    [Within(1, double.PositiveInfinity)]
    public int Completions { get; init; } = 2;

    /// <summary>Most tokens of an answer.</summary>
    [Within(1, double.PositiveInfinity)]
    public int MaxCompletionTokens { get; init; } = 32;

    /// <summary>Temperature of the draws, and of the probabilities that learn.</summary>
    [Within(0, double.PositiveInfinity, IsMinExcluded = true, IsMaxExcluded = true)]
    public float Temperature { get; init; } = 1;

    /// <summary>Price of a nat of log-ratio against the model that the run began with.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double KlCoefficient { get; init; } = 0.05;

    /// <summary>Discount per token.</summary>
    [Within(0, 1, IsMinExcluded = true)]
    public double Gamma { get; init; } = 1;

    /// <summary>0 trusts the values, 1 the rewards.</summary>
    [Within(0, 1)]
    public double Lambda { get; init; } = 0.95;

    /// <summary>Updates on the same answers.</summary>
    [Within(1, double.PositiveInfinity)]
    public int Epochs { get; init; } = 4;

    /// <summary>How far a ratio may leave 1.</summary>
    [Within(0, double.PositiveInfinity, IsMinExcluded = true)]
    public double PolicyClip { get; init; } = 0.2;

    /// <summary>How far a value may leave the one it had.</summary>
    [Within(0, double.PositiveInfinity, IsMinExcluded = true)]
    public double ValueClip { get; init; } = 0.2;

    /// <summary>Weight of the value loss.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double ValueWeight { get; init; } = 0.1;

    /// <inheritdoc/>
    public override IEnumerable<string> Faults()
    {
        foreach (var fault in base.Faults())
        {
            yield return fault;
        }

        if (Constrain != AnswerConstraint.None)
        {
            yield return "constrain is answer; ppo draws without it, so leave it out. Use grpo.";
        }

        if (MicroBatch > 0 && (Prompts * Completions) % MicroBatch != 0)
        {
            yield return $"prompts x completions is {Prompts * Completions} and microBatch {MicroBatch}; "
                + "microBatch must divide it.";
        }
    }

    internal override string? Refuse(int processes) => processes == 1 ? null
        : $"{processes} processes learn together; ppo whitens advantages over all answers, so it takes 1.";

    internal override PolicyOptions Policy => base.Policy with { HasValueHead = true };

    internal GenerationOptions Generation(IReadOnlyList<int> stopTokens, long step) => new()
    {
        Sampling = new SamplingOptions { Temperature = Temperature },
        MaxNewTokens = MaxCompletionTokens, CompletionsPerPrompt = Completions, StopTokens = stopTokens,
        Seed = SeedSequence.Seed(Seed, step, microBatch: 0, turn: 0),
    };
}

/// <summary>Proximal policy optimisation with a value head (Schulman et al., 2017, as in language models).</summary>
/// <remarks>
/// The task's reward comes with an answer's last token; every token pays for leaving the starting model. A step: ask,
/// generate, judge, score before learning, estimate advantages, then per epoch and micro batch loss and update.
/// </remarks>
internal sealed class Ppo(TrainingRun run, Policy? reference, PpoOptions options)
{
    public static void Train(
        PpoOptions options, string folder, CancellationToken cancellation, ProcessGroup? group = null)
    {
        using var run = new TrainingRun(options, folder, group);
        using var reference = options.KlCoefficient != 0 ? run.OpenReference() : null;
        run.Loop(new Ppo(run, reference, options).Step, cancellation);
    }

    private Dictionary<string, double> Step(long step)
    {
        var watch = Stopwatch.StartNew();
        var questions = run.Questions(step, options.Prompts, options.Prompts).Single();
        if (!questions.HaveOneTurn)
        {
            throw new ArgumentException($"task is {options.Task}, whose episodes have several turns; ppo takes tasks "
                + "of one turn. Use grpo.");
        }

        var rollout = new Rollout(run.Policy, questions, options.Completions, (prompts, _, _, _) =>
            run.Policy.Write(prompts, options.Generation(run.Policy.StopTokens, step)));
        run.Finish([rollout]);
        var exchange = rollout.Exchanges.Single();
        EncodedChat[] prompts =
            [.. exchange.Prompts.SelectMany(prompt => Enumerable.Repeat(prompt, options.Completions))];
        int[][] answers = [.. exchange.Groups.SelectMany(group => group).Select(item => item.TokenIds)];
        var metrics = new Dictionary<string, double>
        {
            ["reward"] = rollout.Returns.Average(), ["success"] = questions.Success(rollout.Returns),
            ["readable"] = rollout.AreReadable.Average(isReadable => isReadable ? 1.0 : 0),
            ["completions/mean_length"] = answers.Average(answer => answer.Length),
            ["time/generate"] = watch.Elapsed.TotalSeconds,
        };
        var parts = Collect(prompts, answers, rollout.Returns, metrics);
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            metrics["loss"] = 0;
            Learn(parts, step, metrics);
            var firstSeed = run.SceneSeed(step, options.Prompts);
            run.Apply(step, new { task = options.Task, firstSeed, rollout.Texts, rollout.Returns }, metrics);
        }

        metrics["time/learn"] = watch.Elapsed.TotalSeconds - metrics["time/generate"];
        return metrics;
    }

    /// <summary>Scores every answer before learning, and estimates its tokens' advantages.</summary>
    private Part[] Collect(
        EncodedChat[] prompts, int[][] answers, double[] rewards, Dictionary<string, double> metrics)
    {
        var parts = new List<Part>();
        double drift = 0;
        for (var start = 0; start < answers.Length; start += options.MicroBatch)
        {
            var range = start..(start + options.MicroBatch);
            var before = ScoreWithoutGradient(run.Policy, prompts[range], answers[range]);
            var old = before.LogProbs;
            var origin = options.KlCoefficient == 0 ? old : ReferenceScores(prompts[range], answers[range]);
            drift += old.Zip(origin, (now, then) => now - then).Sum();
            var part = new Part(prompts[range], answers[range], old, before.Values);
            part.Estimate(origin, rewards[range], options);
            parts.Add(part);
        }

        Whiten([.. parts.Select(part => part.Advantages)]);
        metrics["kl"] = drift / answers.Sum(answer => answer.Length);
        metrics["value"] = parts.SelectMany(part => part.Values).Average();
        return [.. parts];
    }

    private float[] ReferenceScores(EncodedChat[] prompts, int[][] answers)
    {
        using var adaptersOff = reference is null ? run.Policy.Adapters?.Disabled() : null;
        return ScoreWithoutGradient(reference ?? run.Policy, prompts, answers).LogProbs;
    }

    private (float[] LogProbs, float[] Values) ScoreWithoutGradient(
        Policy policy, EncodedChat[] prompts, int[][] answers)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var scores = AnswerScorer.Score(policy, prompts, answers, options.Temperature);
        return (scores.LogProbs.cpu().data<float>().ToArray(), scores.Values!.cpu().data<float>().ToArray());
    }

    private void Learn(Part[] parts, long step, Dictionary<string, double> metrics)
    {
        run.Policy.Adapters?.BeginStep(step);
        double tokens = parts.Sum(part => part.OldLogProbs.Length);
        foreach (var part in parts)
        {
            using var scope = NewDisposeScope();
            var scores = AnswerScorer.Score(run.Policy, part.Prompts, part.Answers, options.Temperature);
            var loss = Loss(scores.LogProbs, scores.Values!, part.Collected(run.Policy.Model.Device), options)
                .Times(part.OldLogProbs.Length / tokens);
            loss.backward();
            metrics["loss"] += loss.ToDouble();
        }
    }

    /// <summary>Advantages A and returns A + V of one answer, by generalised advantage estimation.</summary>
    /// <remarks>Schulman et al., High-Dimensional Continuous Control Using Generalized Advantage Estimation.</remarks>
    /// <param name="rewards">One per token; after the last nothing more is earned.</param>
    /// <param name="values">The value head's estimate before each token.</param>
    /// <param name="gamma">Discount per token.</param>
    /// <param name="lambda">0 trusts the values, 1 the rewards.</param>
    internal static (double[] Advantages, double[] Returns) Estimate(
        ReadOnlySpan<double> rewards, ReadOnlySpan<double> values, double gamma, double lambda)
    {
        var (advantages, returns) = (new double[rewards.Length], new double[rewards.Length]);
        double next = 0;
        for (var t = rewards.Length - 1; t >= 0; t--)
        {
            var nextValue = t + 1 < values.Length ? values[t + 1] : 0;
            var surprise = rewards[t] + (gamma * nextValue) - values[t];
            next = surprise + (gamma * lambda * next);
            (advantages[t], returns[t]) = (next, next + values[t]);
        }

        return (advantages, returns);
    }

    /// <summary>Brings all values to mean 0 and standard deviation 1 in place.</summary>
    internal static void Whiten(IReadOnlyList<double[]> rows)
    {
        double[] all = [.. rows.SelectMany(row => row)];
        var (mean, deviation) = (all.DefaultIfEmpty().Average(), Advantages.Deviation(all));
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = (row[i] - mean) / Math.Sqrt((deviation * deviation) + 1e-8);   // 1e-8: equal rewards
            }
        }
    }

    /// <summary>The mean over tokens of the clipped policy term and the weighted, clipped value term.</summary>
    /// <param name="logProbs">[token], carries the gradient.</param>
    /// <param name="values">[token], the value head's; carries the gradient.</param>
    /// <param name="before">What was collected.</param>
    /// <param name="options">Clips and weight.</param>
    internal static Tensor Loss(Tensor logProbs, Tensor values, Collection before, PpoOptions options)
    {
        using var scope = NewDisposeScope();
        var ratio = (logProbs.to(ScalarType.Float64) - before.LogProbs.to(ScalarType.Float64)).exp();
        var gain = before.Advantages.to(ScalarType.Float64);
        var policy = maximum(
            -gain * ratio, -gain * ratio.Within(1 - options.PolicyClip, 1 + options.PolicyClip));

        var value = values.to(ScalarType.Float64);
        var (old, goal) = (before.Values.to(ScalarType.Float64), before.Returns.to(ScalarType.Float64));
        var near = old.Plus((value - old).Within(-options.ValueClip, options.ValueClip));
        var error = maximum((value - goal).square(), (near - goal).square()).Times(0.5);

        return policy.Plus(error.Times(options.ValueWeight)).sum().Over((double)value.numel())
            .MoveToOuterDisposeScope();
    }

    /// <summary>What was known of tokens before learning; each [token].</summary>
    /// <param name="LogProbs">Their log-probabilities then.</param>
    /// <param name="Values">The value head's estimates then.</param>
    /// <param name="Advantages">Whitened over the batch.</param>
    /// <param name="Returns">What the value head should have said.</param>
    internal sealed record Collection(Tensor LogProbs, Tensor Values, Tensor Advantages, Tensor Returns);

    /// <summary>The answers of one micro batch; numbers are per token, all answers one after the other.</summary>
    private sealed class Part(EncodedChat[] prompts, int[][] answers, float[] oldLogProbs, float[] values)
    {
        public EncodedChat[] Prompts { get; } = prompts;

        public int[][] Answers { get; } = answers;

        public float[] OldLogProbs { get; } = oldLogProbs;

        public float[] Values { get; } = values;

        public double[] Advantages { get; } = new double[oldLogProbs.Length];

        private double[] Returns { get; } = new double[oldLogProbs.Length];

        public void Estimate(float[] reference, double[] rewards, PpoOptions options)
        {
            var at = 0;
            for (var row = 0; row < Answers.Length; row++)
            {
                var length = Answers[row].Length;
                var earned = new double[length];
                var expected = new double[length];
                for (var t = 0; t < length; t++)
                {
                    earned[t] = -options.KlCoefficient * (OldLogProbs[at + t] - reference[at + t]);
                    expected[t] = Values[at + t];
                }

                earned[^1] += rewards[row];
                var (advantages, returns) = Ppo.Estimate(earned, expected, options.Gamma, options.Lambda);
                advantages.CopyTo(Advantages, at);
                returns.CopyTo(Returns, at);
                at += length;
            }
        }

        public Collection Collected(Device device)
        {
            Tensor Vector(float[] numbers) => tensor(numbers, [numbers.Length], device: device);
            float[] Narrow(double[] numbers) => Array.ConvertAll(numbers, number => (float)number);
            return new Collection(
                Vector(OldLogProbs), Vector(Values), Vector(Narrow(Advantages)), Vector(Narrow(Returns)));
        }
    }
}
