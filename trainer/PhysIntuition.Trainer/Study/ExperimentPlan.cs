using PhysIntuition.Trainer.Recipes;

namespace PhysIntuition.Trainer.Study;

/// <summary>Everything that the study does, at one scale.</summary>
internal sealed record ExperimentPlan : ICheckedOptions
{
    private static readonly string[] s_suites =
        ["tall-v1", "pastel-v1", "side-v1", "dim-v1", "stone-v1", "slippery-v1"];

    /// <summary>The named scales.</summary>
    public static IReadOnlyDictionary<string, ExperimentPlan> Scales { get; } = new Dictionary<string, ExperimentPlan>
    {
        ["smoke"] = new()
        {
            Start = new() { Steps = 4, Batch = 8, MicroBatch = 8 },
            Sft = new() { Steps = 2, Batch = 8, MicroBatch = 8 },
            Grpo = new() { Steps = 2, Prompts = 2, MicroPrompts = 2, Completions = 4, MaxCompletionTokens = 8 },
            PictureSize = 32, Questions = 8, Suites = ["tall-v1"], Examples = [3], AdaptationSteps = [1],
            ProbeScenes = 20,
        },
        ["cpu"] = new()
        {
            Start = new() { Steps = 150, LearningRate = 3e-4, Decay = Decay.Constant },
            Sft = new() { Steps = 200, LearningRate = 3e-4 },
            Grpo = new()
            {
                Steps = 150, Prompts = 16, MicroPrompts = 16, MaxCompletionTokens = 16, OverlongMargin = 4,
                MasksTruncated = true, LearningRate = 1e-4, WarmupShare = 0.02, EntropyCoefficient = 0.03,
            },
            Questions = 150, Suites = s_suites, Examples = [3, 5], AdaptationSteps = [25, 50], ProbeScenes = 400,
        },
        ["gpu"] = new()
        {
            Tasks = ["Stability-v1", "PyramidStability-v1", "OffsetX-v1", "Offset-v1"],
            Start = null,
            Sft = SftOptions.Paper with { Steps = 400, Device = "cuda" },
            Grpo = GrpoOptions.Paper with { Steps = 1000, Prompts = 16, MicroPrompts = 4, Device = "cuda" },
            PictureSize = 224, Questions = 500, Suites = s_suites, Examples = [3, 5], AdaptationSteps = [5, 20, 50],
            ProbeScenes = 1000,
        },
    };

    /// <summary>What models learn, and are asked about.</summary>
    public IReadOnlyList<string> Tasks { get; init; } = ["Stability-v1", "OffsetX-v1"];

    /// <summary>A short supervised start from which both arms begin; null: they begin with the model itself.</summary>
    public SftOptions? Start { get; init; }

    /// <summary>The arm that imitates.</summary>
    public required SftOptions Sft { get; init; }

    /// <summary>The arm that interacts.</summary>
    public required GrpoOptions Grpo { get; init; }

    /// <summary>Pixels along a picture's side.</summary>
    public int PictureSize { get; init; } = 96;

    /// <summary>Test scenes of every cell.</summary>
    public int Questions { get; init; }

    /// <summary>Suites, one axis each, beside the usual scenes.</summary>
    public IReadOnlyList<string> Suites { get; init; } = [];

    /// <summary>Numbers of solved questions shown first, beside none.</summary>
    public IReadOnlyList<int> Examples { get; init; } = [];

    /// <summary>Numbers of supervised steps on another task before it is asked.</summary>
    public IReadOnlyList<int> AdaptationSteps { get; init; } = [];

    /// <summary>Training scenes that probes are fitted on; half as many test scenes.</summary>
    public int ProbeScenes { get; init; }

    /// <summary>Seed of everything.</summary>
    public ulong Seed { get; init; } = 1;

    /// <inheritdoc/>
    public IEnumerable<string> Faults()
    {
        if (Tasks.Count == 0 || Questions < 1 || ProbeScenes < 10)
        {
            yield return "tasks must name one or more, questions be at least 1 and probeScenes at least 10.";
        }

        foreach (var fault in Sft.Faults().Concat(Grpo.Faults()).Concat(Start?.Faults() ?? []))
        {
            yield return fault;
        }
    }
}
