using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using PhysIntuition.Trainer.Recipes;

namespace PhysIntuition.Trainer.Study;

/// <summary>Everything that the study does, at one scale.</summary>
internal sealed record ExperimentPlan : ICheckedOptions
{
    /// <summary>The named scales.</summary>
    public static IReadOnlyDictionary<string, ExperimentPlan> Scales { get; } = new Dictionary<string, ExperimentPlan>
    {
        ["smoke"] = new()
        {
            Base = StudyTasks.Base with { Steps = 1, Batch = 16, MicroBatch = 16 },
            Sft = new() { Batch = 4, MicroBatch = 4 },
            Grpo = new() { Prompts = 2, MicroPrompts = 2, Completions = 2, MaxCompletionTokens = 16 },
            HeldOut = ["Stability-v1", "Balance-v1"], Scenes = 8, PictureSize = 32, Questions = 4,
        },
        ["cpu"] = new()
        {
            Base = StudyTasks.Base, Questions = 1000,
            Sft = new() { LearningRate = 3e-4 },
            Grpo = new()
            {
                Prompts = 64, MicroPrompts = 16, Completions = 16, LearningRate = 3e-4,
                MaxCompletionTokens = 128,   // a description takes up to 100
                WarmupShare = 0.02, Scale = RewardScale.None, EntropyCoefficient = 0.3,
            },
        },
        ["gpu"] = new()
        {
            Base = null, Scenes = 12_800, Questions = 500, PictureSize = 224, Parallel = 1, Threads = 0,
            Sft = SftOptions.Paper with { Batch = 64, Device = "cuda" },
            Grpo = GrpoOptions.Paper with { Prompts = 16, MicroPrompts = 4, Device = "cuda" },
        },
    };

    /// <summary>What is learned, from what, how: one record is one arm.</summary>
    public IReadOnlyList<StudyArm> Arms { get; init; } = StudyArm.All;

    /// <summary>Tasks that are held out in turn.</summary>
    public IReadOnlyList<string> HeldOut { get; init; } = StudyTasks.HeldOut;

    /// <summary>How the tiny model learns to see and to answer; null: the model that is given can.</summary>
    public SftOptions? Base { get; init; }

    /// <summary>How arms imitate; tasks and steps are the arm's.</summary>
    public required SftOptions Sft { get; init; }

    /// <summary>How arms learn from rewards; tasks and steps are the arm's.</summary>
    public required GrpoOptions Grpo { get; init; }

    /// <summary>Scenes that every arm learns from, each asked about once.</summary>
    public int Scenes { get; init; } = 25_600;

    /// <summary>Pixels along a picture's side.</summary>
    public int PictureSize { get; init; } = 96;

    /// <summary>Test scenes of every cell, the same for all models.</summary>
    public int Questions { get; init; } = 200;

    /// <summary>Seed of the first repetition; the next are the numbers after it.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Repetitions of everything with other seeds.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>Models that learn side by side.</summary>
    public int Parallel { get; init; } = 2;

    /// <summary>Threads of each model's operators; 0 leaves it to the library.</summary>
    public int Threads { get; init; } = 1;

    /// <inheritdoc/>
    public IEnumerable<string> Faults()
    {
        if (HeldOut.Count == 0 || Arms.Count == 0 || Questions < 2 || Seeds < 1 || Parallel < 1)
        {
            yield return "heldOut and arms must name one or more, questions be at least 2, seeds and parallel at least "
                + "1.";
        }

        foreach (var arm in Arms.GroupBy(arm => arm.Id).Where(group => group.Count() > 1))
        {
            yield return $"arm '{arm.Key}' is there twice; give every arm an id of its own.";
        }

        foreach (var arm in Arms.Where(arm => Math.Abs(arm.Stages.Sum(stage => stage.Share) - 1) > 1e-9))
        {
            yield return $"the stages of arm '{arm.Id}' take {arm.Stages.Sum(stage => stage.Share)} of the scenes "
                + "together; shares must add up to 1, so that all arms see equally many.";
        }

        if (Scenes < Sft.Batch || Scenes < Grpo.Prompts)
        {
            yield return $"scenes is {Scenes}; must be at least one step's, {Math.Max(Sft.Batch, Grpo.Prompts)}.";
        }

        foreach (var fault in Sft.Faults().Concat(Grpo.Faults()).Concat(Base?.Faults() ?? []))
        {
            yield return fault;
        }
    }

    /// <summary>Every model of the study: repetition, arm and fold.</summary>
    [JsonIgnore]
    public IEnumerable<StudyModel> Models =>
        from seed in Enumerable.Range(0, Seeds)
        from arm in Arms
        where arm.Size.Length == 0 || Base is not null
        from fold in HeldOut
        where arm.Missing(fold) is null
        select new StudyModel(seed, arm, fold);

    /// <summary>Steps of a stage.</summary>
    public int Steps(ArmStage stage) =>
        Math.Max(1, (int)Math.Round(Scenes * stage.Share / (stage.Recipe == "grpo" ? Grpo.Prompts : Sft.Batch)));

    /// <summary>The recipes that make a model of the base.</summary>
    /// <param name="model">Which.</param>
    /// <param name="stages">Which of its arm's stages.</param>
    /// <param name="start">Folder of the model that the first of them begins with.</param>
    public RecipeSequenceOptions Recipes(StudyModel model, Range stages, string start) => new()
    {
        Stages = [.. model.Arm.Stages.Take(stages).Select((stage, i) =>
        {
            var isGrpo = stage.Recipe == "grpo";
            var knobs = JsonSerializer.SerializeToNode(isGrpo ? Grpo : Sft,
                isGrpo ? typeof(GrpoOptions) : typeof(SftOptions), RecipeOptions.Format)!.AsObject();
            knobs["task"] = StudyTasks.Join(model.Arm.Tasks(stage, model.Fold));
            knobs["taskOptions"] = stage.TaskOptions;
            knobs["steps"] = Steps(stage);
            knobs["seed"] = Seed + (ulong)model.Seed;
            knobs["pictureSize"] = PictureSize;
            knobs["threads"] = Threads;
            knobs["evaluationQuestions"] = 2;   // the study asks by itself
            knobs["constrain"] = "answer";
            if (i == 0)
            {
                knobs["model"] = start;
            }

            return new Stage(stage.Recipe, knobs);
        })],
    };
}

/// <summary>One model of the study.</summary>
/// <param name="Seed">Its repetition, from 0 on.</param>
/// <param name="Arm">How it learns.</param>
/// <param name="Fold">The task that it never sees; of an arm with one task, the only one that it sees.</param>
internal sealed record StudyModel(int Seed, StudyArm Arm, string Fold)
{
    /// <summary>Its folder's name.</summary>
    public string Name => $"seed-{Seed + 1}/{Arm.Id}-{(Arm.IsSingle ? "on" : "without")}-{Fold}";

    /// <summary>Leading stages that it shares with the arm's other models.</summary>
    public int SharedStages => Arm.SharedStages(Fold);

    /// <summary>Their folder's name.</summary>
    public string SharedName => $"seed-{Seed + 1}/{Arm.Id}";

    /// <summary>The held-out tasks that it is asked about.</summary>
    public IEnumerable<string> Asked(IReadOnlyList<string> heldOut) =>
        Arm.IsSingle ? heldOut.Where(task => !StudyTasks.AreAlike(task, Fold)) : [Fold];

    /// <summary>Tasks held out of other models that this one learned: whether it had something to carry over.</summary>
    public IEnumerable<string> Learned(IReadOnlyList<string> heldOut) =>
        heldOut.Where(task => Arm.Stages.Any(stage => Arm.Tasks(stage, Fold).Contains(task)));
}
