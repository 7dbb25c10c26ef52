namespace PhysIntuition.Trainer.Recipes;

/// <summary>One way to train, as the command line sees it.</summary>
/// <param name="Name">The word on the command line.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="OptionsType">The record of its knobs.</param>
/// <param name="Run">Preset name, options file, single values, folder: reads the options and trains.</param>
internal sealed record Recipe(
    string Name, string Summary, Type OptionsType,
    Action<RecipeCall, CancellationToken> Run);

/// <summary>What the command line said.</summary>
internal sealed record RecipeCall(string? Preset, string? File, Dictionary<string, string> Values, string Folder);

/// <summary>Every recipe. A new one is a file and a line here.</summary>
internal static class RecipeCatalog
{
    private static readonly GrpoOptions s_gspo =
        new() { SequenceLevel = true, EpsilonLow = 3e-4, EpsilonHigh = 4e-4, Iterations = 4 };

    private static readonly GrpoOptions s_dapo = new()
    {
        Objective = Losses.PolicyObjective.Dapo, EpsilonHigh = 0.28, MasksTruncated = true, OverlongMargin = 8,
    };

    private static readonly GrpoOptions s_drGrpo =
        new() { Objective = Losses.PolicyObjective.DrGrpo, Scale = Losses.RewardScale.None };

    public static IReadOnlyList<Recipe> All { get; } =
    [
        new("sft", "Supervised fine-tuning: imitate the expert's answers.", typeof(SftOptions),
            (call, cancellation) => Sft.Train(
                Read(call, new SftOptions(), ("paper", SftOptions.Paper)), call.Folder, cancellation)),
        new("grpo", "Group-relative policy optimisation: learn from the rewards of several own answers.",
            typeof(GrpoOptions), (call, cancellation) => Grpo.Train(
                Read(call, new GrpoOptions(), ("paper", GrpoOptions.Paper), ("gspo", s_gspo), ("dapo", s_dapo),
                    ("dr_grpo", s_drGrpo)), call.Folder, cancellation)),
        new("ppo", "Proximal policy optimisation: learn from rewards with a value head as the baseline.",
            typeof(PpoOptions), (call, cancellation) => Ppo.Train(
                Read(call, new PpoOptions()), call.Folder, cancellation)),
    ];

    private static T Read<T>(RecipeCall call, T defaults, params (string Name, T Options)[] presets)
        where T : TrainingOptions
    {
        var preset = defaults;
        if (call.Preset is not null)
        {
            var names = presets.Select(item => item.Name).ToArray();
            preset = Array.IndexOf(names, call.Preset) is >= 0 and var at
                ? presets[at].Options
                : throw new ArgumentException($"preset '{call.Preset}' is unknown; known: {string.Join(", ", names)}.");
        }

        return OptionsJson.Read(preset, call.File, call.Values);
    }
}
