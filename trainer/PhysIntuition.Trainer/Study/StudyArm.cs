namespace PhysIntuition.Trainer.Study;

/// <summary>One arm: what a model learns, in which order, and how it is asked.</summary>
/// <param name="Id">A short name, "c".</param>
/// <param name="Title">What sets it apart, in words.</param>
/// <param name="Stages">What is done, one after the other.</param>
internal sealed record StudyArm(string Id, string Title, IReadOnlyList<ArmStage> Stages)
{
    /// <summary>Learns one task and is asked about the others; else all but one, and is asked about that.</summary>
    public bool IsSingle { get; init; }

    /// <summary>Physics tasks of the mixture; 0: all.</summary>
    public int TaskCount { get; init; }

    /// <summary>The tiny model's size in millions of parameters, "1" or "10"; empty: 3.</summary>
    public string Size { get; init; } = "";

    /// <summary>Options with which the held-out task is asked a second time; empty: it is not.</summary>
    public string AskedOptions { get; init; } = "";

    /// <summary>Every arm of the study; a new one is an entry here.</summary>
    public static IReadOnlyList<StudyArm> All { get; } =
    [
        new("a", "SFT on one task", [new("sft", "fold", 1)]) { IsSingle = true },
        new("b", "GRPO on one task", [new("grpo", "fold", 1)]) { IsSingle = true },
        new("c", "SFT on the mixture", [new("sft", "physics", 1)]),
        new("d", "GRPO on the mixture after a short SFT", [new("sft", "physics", 0.25), new("grpo", "physics", 0.75)]),
        new("e", "the mixture with seeing tasks", [new("sft", "physics seeing", 1)]),
        new("f", "the mixture with foreseeing tasks", [new("sft", "physics foreseeing", 1)]),
        new("g", "describe, then answer",
            [new("sft", "describing", 0.2), new("grpo", "describing", 0.3), new("sft", "physics", 0.5)]),
        new("h", "tries: the simulator as a tool",
            [new("sft", "physics", 0.25), new("grpo", "physics", 0.75) { TaskOptions = """{"tries":1}""" }])
        {
            AskedOptions = """{"tries":1}""",
        },
        new("i", "attempts in context",
            [new("sft", "physics", 0.25), new("grpo", "physics", 0.75) { TaskOptions = """{"attempts":2}""" }])
        {
            AskedOptions = """{"attempts":2}""",
        },
        new("j", "SSL first", [new("sft", "self", 0.5), new("sft", "physics", 0.5)]),
        new("k", "easy to hard",
            [
                new("sft", "graded", 0.25) { TaskOptions = """{"difficulty":"easy"}""" },
                new("sft", "graded", 0.25) { TaskOptions = """{"difficulty":"hard"}""" },
                new("sft", "physics", 0.5),
            ]),
        .. ((int[])[1, 2, 4, 8, 16]).Select(count =>
            new StudyArm($"tasks-{count}", $"SFT on {count} task{(count == 1 ? "" : "s")}",
                [new("sft", "physics foreseeing seeing", 1)])
            {
                TaskCount = count,
            }),
        .. ((string[])["1", "10"]).Select(size =>
            new StudyArm($"size-{size}", $"SFT on the mixture, {size} million parameters", [new("sft", "physics", 1)])
            {
                Size = size,
            }),
    ];

    /// <summary>The tasks of a stage.</summary>
    /// <param name="stage">Which.</param>
    /// <param name="fold">The task that is held out, or learned alone.</param>
    public IReadOnlyList<string> Tasks(ArmStage stage, string fold)
    {
        if (IsSingle)
        {
            return [fold];
        }

        string[][] families = [.. stage.Families.Split(' ').Select(name =>
            StudyTasks.Family(name).Where(task => !StudyTasks.AreAlike(task, fold)).ToArray())];

        // Each fold begins at another place of the first family, lest small mixtures are always the same tasks.
        var first = TaskCount == 0 ? 0 : Math.Max(0, Array.IndexOf([.. StudyTasks.HeldOut], fold)) * 3;
        var tasks = families[0].Skip(first % Math.Max(1, families[0].Length)).Concat(families.SelectMany(own => own));
        return [.. tasks.Distinct().Take(TaskCount == 0 ? int.MaxValue : TaskCount)];
    }

    /// <summary>Leading stages that do not depend on what is held out: they are learned once.</summary>
    public int SharedStages(string fold) => IsSingle ? 0 : Stages.SkipLast(1).TakeWhile(
        stage => Tasks(stage, fold).SequenceEqual(Tasks(stage, fold: ""))).Count();

    /// <summary>Why the arm cannot be trained: null where it can.</summary>
    public string? Missing(string fold) =>
        Stages.FirstOrDefault(stage => Tasks(stage, fold).Count < Math.Max(1, TaskCount)) is not { } stage ? null
        : TaskCount > 0 ? $"there are fewer than {TaskCount} tasks for it"
        : $"the catalogue has no task of the family '{stage.Families}'";
}

/// <summary>A part of an arm.</summary>
/// <param name="Recipe">"sft" or "grpo".</param>
/// <param name="Families">Families of tasks, separated by blanks, see <see cref="StudyTasks.Family"/>.</param>
/// <param name="Share">Of the arm's scenes.</param>
internal sealed record ArmStage(string Recipe, string Families, double Share)
{
    /// <summary>Options that all its tasks are asked with.</summary>
    public string TaskOptions { get; init; } = "";
}
