namespace PhysIntuition.Trainer.Recipes;

/// <summary>Knobs that every recipe has.</summary>
public abstract record TrainingOptions : ICheckedOptions
{
    /// <summary>The task, with version; several with weights as "Stability-v1:2,OffsetX-v1:1".</summary>
    public string Task { get; init; } = "Stability-v1";

    /// <summary>The task's options as a JSON object; empty takes the defaults.</summary>
    public string TaskOptions { get; init; } = "";

    /// <summary>"tiny", "tiny-1", "tiny-10" (3, 1, 10 million parameters), or a folder as published.</summary>
    public string Model { get; init; } = "tiny";

    /// <summary>Further tasks, separated by commas, whose words the tiny model's vocabulary has.</summary>
    public string VocabularyTasks { get; init; } = "";

    /// <summary>answer: in evaluations and in grpo's draws nothing but answers can come; none: anything.</summary>
    public AnswerConstraint Constrain { get; init; }

    /// <summary>Pixels along a picture's side.</summary>
    [Within(16, 1024)]
    public int PictureSize { get; init; } = 96;

    /// <summary>Optimiser steps of the whole run.</summary>
    [Within(1, double.PositiveInfinity)]
    public int Steps { get; init; } = 500;

    /// <summary>Seed of weights, scenes and draws.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Highest learning rate.</summary>
    [Within(0, double.PositiveInfinity, IsMinExcluded = true, IsMaxExcluded = true)]
    public double LearningRate { get; init; } = 3e-4;

    /// <summary>How the learning rate falls.</summary>
    public Decay Decay { get; init; } = Decay.Linear;

    /// <summary>Share of the steps in which the learning rate rises.</summary>
    [Within(0, 1, IsMaxExcluded = true)]
    public double WarmupShare { get; init; } = 0.05;

    /// <summary>AdamW's decay of the first moment.</summary>
    [Within(0, 1, IsMaxExcluded = true)]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's decay of the second moment.</summary>
    [Within(0, 1, IsMaxExcluded = true)]
    public double Beta2 { get; init; } = 0.99;

    /// <summary>AdamW's weight decay.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Gradients are scaled down to this norm.</summary>
    [Within(0, double.PositiveInfinity, IsMinExcluded = true)]
    public double ClipNorm { get; init; } = 1;

    /// <summary>Steps between checkpoints.</summary>
    [Within(1, double.PositiveInfinity)]
    public int SaveEvery { get; init; } = 50;

    /// <summary>Steps between evaluations on the split val; 0 evaluates at the end alone.</summary>
    [Within(0, double.PositiveInfinity)]
    public int EvaluateEvery { get; init; }

    /// <summary>Questions of one evaluation.</summary>
    [Within(1, double.PositiveInfinity)]
    public int EvaluationQuestions { get; init; } = 200;

    /// <summary>Servers where environments run, "http://HOST:PORT,..."; empty runs them in this process.</summary>
    public string Server { get; init; } = "";

    /// <summary>Seconds for which lost servers are waited for; meanwhile the others go on with their work.</summary>
    [Within(0, double.PositiveInfinity, IsMaxExcluded = true)]
    public double ServerPatience { get; init; } = 60;

    /// <summary>The task's options from easy to hard as a JSON array; empty has one level.</summary>
    public string Curriculum { get; init; } = "";

    /// <summary>Success from which the curriculum rises: 0 as a random player, 1 as the expert.</summary>
    [Within(0, 1, IsMinExcluded = true)]
    public double CurriculumTarget { get; init; } = 0.8;

    /// <summary>Steps whose mean success the curriculum looks at.</summary>
    [Within(1, double.PositiveInfinity)]
    public int CurriculumWindow { get; init; } = 10;

    /// <summary>Evaluations without a better one after which the run stops and keeps the best; 0 never stops.</summary>
    [Within(0, double.PositiveInfinity)]
    public int Patience { get; init; }

    /// <summary>Keeps the optimiser's moments in eight bits.</summary>
    public bool Adam8Bit { get; init; }

    /// <summary>Threads of the model's operators; 0 leaves it to the library.</summary>
    [Within(0, 1024)]
    public int Threads { get; init; }

    /// <summary>Multiplies float32 weights in bfloat16; master weights stay float32.</summary>
    public bool MultiplyInBf16 { get; init; }

    /// <summary>Rank of the adapters; 0 trains the weights themselves.</summary>
    [Within(0, 4096)]
    public int AdapterRank { get; init; }

    /// <summary>Numerator of the adapters' scale.</summary>
    [Within(0, double.PositiveInfinity, IsMinExcluded = true, IsMaxExcluded = true)]
    public double AdapterAlpha { get; init; } = 16;

    /// <summary>Adapters on the vision tower, too.</summary>
    public bool AdaptVision { get; init; }

    /// <summary>"cpu", "cuda" or "cuda:1".</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Holds base weights as bfloat16.</summary>
    public bool HoldInBf16 { get; init; }

    /// <summary>Holds base layers in four bits; needs adapters.</summary>
    public bool HoldInNf4 { get; init; }

    /// <summary>Computes layers again in the backward pass and so needs less memory.</summary>
    public bool GradientCheckpointing { get; init; }

    /// <inheritdoc/>
    public virtual IEnumerable<string> Faults()
    {
        foreach (var fault in OptionRules.CheckNumbers(this))
        {
            yield return fault;
        }

        if (HoldInNf4 && AdapterRank == 0)
        {
            yield return "holdInNf4 is true and adapterRank 0; four-bit weights cannot learn, so set adapterRank.";
        }

        if (Curriculum.Length > 0 && TaskOptions.Length > 0)
        {
            yield return "curriculum and taskOptions are both set; put the options into every level of the curriculum.";
        }

        if (Patience > 0 && EvaluateEvery == 0)
        {
            yield return $"patience is {Patience} and evaluateEvery {EvaluateEvery}; patience counts evaluations, so "
                + "set evaluateEvery, too.";
        }
    }

    /// <summary>Why so many processes cannot learn together with these options; null: they can.</summary>
    internal abstract string? Refuse(int processes);

    internal virtual PolicyOptions Policy => new()
    {
        AdapterRank = AdapterRank, AdapterAlpha = AdapterAlpha, AdaptsVision = AdaptVision, Device = Device,
        UsesBFloat16 = HoldInBf16,
        UsesNf4 = HoldInNf4,
        UsesGradientCheckpointing = GradientCheckpointing, Seed = Seed,
    };
}
