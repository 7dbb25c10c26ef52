namespace PhysIntuition.Trainer.Recipes;

/// <summary>One way to train, as the command line sees it.</summary>
/// <param name="Name">The word on the command line.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="OptionsType">The record of its knobs.</param>
/// <param name="Read">Reads and checks the options.</param>
/// <param name="Run">Reads the options and trains.</param>
internal sealed record Recipe(
    string Name, string Summary, Type OptionsType, Func<RecipeCall, ICheckedOptions> Read,
    Action<RecipeCall, CancellationToken> Run);

/// <summary>What the command line said.</summary>
internal sealed record RecipeCall(
    string? Preset, string? File, Dictionary<string, string> Values, string Folder, ProcessGroup? ProcessGroup = null);

/// <summary>Every recipe. A new one is a file and a line here.</summary>
internal static class RecipeCatalog
{
    /// <summary>Published settings of the group-relative family: values of options, nothing more.</summary>
    public static IReadOnlyList<(string Name, GrpoOptions Options)> GrpoPresets { get; } =
    [
        ("paper", GrpoOptions.Paper),
        ("gspo", new() { SequenceLevel = true, EpsilonLow = 3e-4, EpsilonHigh = 4e-4, Iterations = 4 }),
        ("dapo", new()
        {
            Objective = PolicyObjective.Dapo, EpsilonHigh = 0.28, MasksTruncated = true, OverlongMargin = 8,
            Redraws = 3,
        }),
        ("dr_grpo", new() { Objective = PolicyObjective.DrGrpo, Scale = RewardScale.None }),
        ("cispo", new() { Objective = PolicyObjective.Cispo, EpsilonHigh = 5, Iterations = 4 }),
        ("sapo", new() { Objective = PolicyObjective.Sapo, Iterations = 4 }),
    ];

    public static IReadOnlyList<Recipe> All { get; } =
    [
        Training("sft", "Supervised fine-tuning: imitate the expert's answers.", Sft.Train, new SftOptions(),
            ("paper", SftOptions.Paper)),
        Training("base", "Teach the tiny model to see and to answer: seeing tasks by the expert, of others the form.",
            Sft.Train, StudyTasks.Base),
        Training("grpo", "Group-relative policy optimisation: learn from the rewards of several own answers.",
            Grpo.Train, new GrpoOptions(), [.. GrpoPresets]),
        Training("ppo", "Proximal policy optimisation: learn from rewards with a value head as the baseline.",
            Ppo.Train, new PpoOptions()),
        new("sequence", "Several recipes one after the other, each from what the one before left.",
            typeof(RecipeSequenceOptions), ReadSequence, (call, cancellation) => RecipeSequence.Train(
                ReadSequence(call), call.Folder, cancellation, call.ProcessGroup)),
    ];

    /// <summary>Runs a recipe by name with knobs in a JSON object.</summary>
    public static void Run(string name, RecipeCall call, CancellationToken cancellation)
    {
        var recipe = All.FirstOrDefault(recipe => recipe.Name == name)
            ?? throw KnownNames.Unknown("recipe", name, [.. All.Select(recipe => recipe.Name)]);
        recipe.Run(call, cancellation);
    }

    private static Recipe Training<T>(
        string name, string summary, Action<T, string, CancellationToken, ProcessGroup?> train, T defaults,
        params (string Name, T Options)[] presets)
        where T : TrainingOptions =>
        new(name, summary, typeof(T), call => Read(call, defaults, presets), (call, cancellation) =>
            train(Read(call, defaults, presets), call.Folder, cancellation, call.ProcessGroup));

    private static RecipeSequenceOptions ReadSequence(RecipeCall call) =>
        Read(call, new RecipeSequenceOptions(),
            [.. RecipeSequenceOptions.Presets.Select(item => (item.Key, item.Value))]);

    private static T Read<T>(RecipeCall call, T defaults, params (string Name, T Options)[] presets)
        where T : ICheckedOptions
    {
        var preset = defaults;
        if (call.Preset is not null)
        {
            var names = presets.Select(item => item.Name).ToArray();
            preset = Array.IndexOf(names, call.Preset) is >= 0 and var at
                ? presets[at].Options
                : throw KnownNames.Unknown("preset", call.Preset, names);
        }

        return RecipeOptions.Read(preset, call.File, call.Values);
    }
}
