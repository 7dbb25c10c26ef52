namespace PhysIntuition.Trainer.Recipes;

/// <summary>Every knob of group-relative policy optimisation and its relatives.</summary>
public sealed record GrpoOptions : TrainingOptions
{
    /// <summary>The published setting: adapters on a large model, 16 completions per prompt.</summary>
    public static GrpoOptions Paper { get; } = new()
    {
        Model = "", AdapterRank = 16, AdapterAlpha = 16, AdaptVision = true,
        LearningRate = 5e-6, Decay = Decay.Cosine, WarmupShare = 0.1,
        Beta1 = 0.9, Beta2 = 0.99, WeightDecay = 0.1, ClipNorm = 0.1, Prompts = 4, MicroPrompts = 1, Completions = 16,
        MaxCompletionTokens = 200, PictureSize = 224, HoldInBf16 = true, HoldInNf4 = true, GradientCheckpointing = true,
    };

    /// <summary>Scenes per step.</summary>
    [Within(1, double.PositiveInfinity)]
    public int Prompts { get; init; } = 8;

    /// <summary>Scenes whose completions go through the model together when it learns.</summary>
    [Within(1, double.PositiveInfinity)]
    public int MicroPrompts { get; init; } = 8;

    /// <summary>Completions per scene, the group.</summary>
    [Within(2, double.PositiveInfinity)]
    public int Completions { get; init; } = 16;

    /// <summary>Most tokens of a completion; what dr_grpo divides by.</summary>
    [Within(1, double.PositiveInfinity)]
    public int MaxCompletionTokens { get; init; } = 32;

    /// <summary>Temperature of the draws, and of the probabilities that learn.</summary>
    [Within(0, double.PositiveInfinity, IsMinExcluded = true, IsMaxExcluded = true)]
    public float Temperature { get; init; } = 1;

    /// <summary>Draws keep this many best tokens; 0 keeps all.</summary>
    [Within(0, double.PositiveInfinity)]
    public int TopK { get; init; }

    /// <summary>Draws keep the fewest tokens of this probability together.</summary>
    [Within(0, 1, IsMinExcluded = true)]
    public float TopP { get; init; } = 1;

    /// <summary>Draws keep tokens of this share of the best token's probability.</summary>
    [Within(0, 1)]
    public float MinP { get; init; }

    /// <summary>How tokens count and are averaged.</summary>
    public PolicyObjective Objective { get; init; } = PolicyObjective.Grpo;

    /// <summary>One ratio per completion instead of one per token (GSPO).</summary>
    public bool SequenceLevel { get; init; }

    /// <summary>Weight of the KL term against the model that the run began with.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double Beta { get; init; }

    /// <summary>How far a ratio may fall below 1.</summary>
    [Within(0, 1)]
    public double EpsilonLow { get; init; } = 0.2;

    /// <summary>How far a ratio may rise above 1; for cispo the highest ratio itself.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double EpsilonHigh { get; init; } = 0.2;

    /// <summary>What a centred reward is divided by.</summary>
    public RewardScale Scale { get; init; } = RewardScale.Group;

    /// <summary>How the rewards of an answer, the task's, the length's and the form's, become one.</summary>
    public RewardAggregation Aggregation { get; init; } = RewardAggregation.SumThenNormalise;

    /// <summary>What an answer earns beside the task's reward for being readable.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double FormReward { get; init; }

    /// <summary>Weight of the entropy bonus; with a target, the first step's.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double EntropyCoefficient { get; init; }

    /// <summary>Nats a token below which the bonus grows and above which it is left out; 0: no control.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double EntropyTarget { get; init; }

    /// <summary>By how much the controlled weight of the bonus moves in a step.</summary>
    [Within(0, double.PositiveInfinity, IsMinExcluded = true, IsMaxExcluded = true)]
    public double EntropyStep { get; init; } = 0.005;

    /// <summary>Share of tokens, those of highest entropy, that learn from advantages; 1 takes all.</summary>
    [Within(0, 1, IsMinExcluded = true)]
    public double TopEntropyShare { get; init; } = 1;

    /// <summary>Caps a ratio on its open side, too, as 4; 0 leaves it open.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double Delta { get; init; }

    /// <summary>Leaves out answers of negative advantage that drifted by more nats a token; 0 keeps all.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double OffPolicyThreshold { get; init; }

    /// <summary>Multiplies the KL term by the ratio, which makes its gradient unbiased off policy.</summary>
    public bool CorrectKlBias { get; init; }

    /// <summary>What is done to the tokens that take most entropy away: none, clip or kl.</summary>
    public CovarianceRule Covariance { get; init; }

    /// <summary>Share of tokens that the rule touches at most.</summary>
    [Within(0, 1, IsMinExcluded = true)]
    public double CovarianceShare { get; init; } = 2e-4;

    /// <summary>Clip touches tokens above this covariance.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double CovarianceLow { get; init; } = 1;

    /// <summary>Clip touches tokens below this covariance.</summary>
    [Within(0, double.PositiveInfinity, IsMinExcluded = true)]
    public double CovarianceHigh { get; init; } = 5;

    /// <summary>Kl takes |log ratio| times this.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double CovariancePrice { get; init; } = 1;

    /// <summary>Rounds in which scenes whose answers all earned the same are drawn again; 0: none.</summary>
    [Within(0, 15)]
    public int Redraws { get; init; }

    /// <summary>Past scenes kept, whose answers take the place of ones that still teach nothing; 0: none.</summary>
    [Within(0, 1_000_000)]
    public int Replay { get; init; }

    /// <summary>Updates on the same completions.</summary>
    [Within(1, double.PositiveInfinity)]
    public int Iterations { get; init; } = 1;

    /// <summary>Leaves completions out that were cut off.</summary>
    public bool MasksTruncated { get; init; }

    /// <summary>Tokens over which the length penalty grows; 0 has no penalty.</summary>
    [Within(0, double.PositiveInfinity)]
    public int OverlongMargin { get; init; }

    /// <summary>An OpenAI-compatible server of the base model that writes completions; empty: this process.</summary>
    public string Sampler { get; init; } = "";

    /// <summary>With a sampler: the most that a token counts for being more probable here than there; 0 leaves its
    /// numbers out.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double ImportanceCap { get; init; } = 3;

    /// <inheritdoc/>
    public override IEnumerable<string> Faults()
    {
        foreach (var fault in base.Faults())
        {
            yield return fault;
        }

        if (Sampler.Length > 0 && (AdapterRank == 0 || !Sampler.StartsWith("http", StringComparison.Ordinal)
            || !Uri.TryCreate(Sampler, UriKind.Absolute, out _)))
        {
            yield return AdapterRank == 0
                ? $"sampler is {Sampler} and adapterRank 0; a sampler is sent adapters, so set adapterRank."
                : $"sampler is {Sampler}; must be a server's address, as http://127.0.0.1:8000/v1.";
        }

        if (MicroPrompts > 0 && Prompts % MicroPrompts != 0)
        {
            yield return $"prompts is {Prompts} and microPrompts {MicroPrompts}; microPrompts must divide prompts.";
        }

        if (Replay > 0 && Sampler.Length > 0)
        {
            yield return $"replay is {Replay} and sampler {Sampler}; past answers are compared with this model's own "
                + "probabilities, so leave one of them out.";
        }

        if (Constrain != AnswerConstraint.None && Sampler.Length > 0)
        {
            yield return $"constrain is answer and sampler {Sampler}, which writes without it; leave one of them out.";
        }

        if (SequenceLevel && Covariance != CovarianceRule.None)
        {
            yield return $"sequenceLevel is true and covariance {Covariance.ToString().ToLowerInvariant()}; "
                + "covariances are those of tokens, so leave one of them out.";
        }

        if (CovarianceLow >= CovarianceHigh)
        {
            yield return $"covarianceLow is {CovarianceLow} and covarianceHigh {CovarianceHigh}; low must be below "
                + "high.";
        }
    }

    internal override string? Refuse(int processes)
    {
        if (Prompts / MicroPrompts % processes != 0)
        {
            return $"{processes} processes learn together; their number must divide prompts / microPrompts "
                + $"({Prompts / MicroPrompts}).";
        }

        return processes == 1 || (Scale != RewardScale.Batch && Replay == 0
            && Aggregation != RewardAggregation.NormaliseThenSum) ? null
            : $"{processes} processes learn together; scale batch, replay and aggregation normaliseThenSum look at the "
                + "answers of all, so leave them out, or take one process.";
    }

    internal GenerationOptions Generation(
        IReadOnlyList<int> stopTokens, long step, int microBatch, int turn, int each) => new()
    {
        Sampling = new SamplingOptions { Temperature = Temperature, TopK = TopK, TopP = TopP, MinP = MinP },
        MaxNewTokens = MaxCompletionTokens, CompletionsPerPrompt = each, StopTokens = stopTokens,
        Seed = SeedSequence.Seed(Seed, step, microBatch, turn),
    };
}
