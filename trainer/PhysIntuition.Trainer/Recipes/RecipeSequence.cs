namespace PhysIntuition.Trainer.Recipes;

/// <summary>Recipes that follow one another.</summary>
public sealed record RecipeSequenceOptions : ICheckedOptions
{
    /// <summary>Named sequences.</summary>
    public static IReadOnlyDictionary<string, RecipeSequenceOptions> Presets { get; } =
        new Dictionary<string, RecipeSequenceOptions>
        {
            ["sft-grpo"] = new() { Stages = [new("sft", Json("steps", 125)), new("grpo", Careful)] },
            ["ssl4rl"] = new()
            {
                Stages =
                [
                    new("sft", new JsonObject { ["task"] = SelfSupervised, ["steps"] = 100 }),
                    new("grpo", new JsonObject { ["task"] = SelfSupervised, ["steps"] = 200 }),
                    new("sft", Json("steps", 50)),
                    new("grpo", Careful),
                ],
            },
            ["paper"] = new()
            {
                Stages =
                [
                    new("sft", []) { Preset = "paper" },
                    new("grpo", []) { Preset = "paper" },
                ],
            },
        };

    private const string SelfSupervised = "SslRotation-v1,SslJigsaw-v1,SslPatchPosition-v1,SslContrastive-v1";

    /// <summary>What is done, in this order.</summary>
    public IReadOnlyList<Stage> Stages { get; init; } = [];

    /// <summary>Knobs of every stage that does not set them itself.</summary>
    public JsonObject Common { get; init; } = [];

    /// <inheritdoc/>
    public IEnumerable<string> Faults()
    {
        if (Stages.Count == 0)
        {
            yield return "stages is empty; name one or more, or take a preset.";
        }

        foreach (var stage in Stages.Where(stage => stage.Recipe == "sequence"))
        {
            yield return $"stage '{stage.Recipe}' is a sequence itself; list its stages instead.";
        }

        // A stage reads its knobs when its turn comes, which may be hours away.
        foreach (var (i, stage) in Stages.Index())
        {
            if (RecipeCatalog.All.FirstOrDefault(recipe => recipe.Name == stage.Recipe)?.OptionsType is { } type
                && (RecipeOptions.Unknown(Common, type, "common.")
                    ?? RecipeOptions.Unknown(stage.Options, type, $"stages[{i}].options.")) is { } unknown)
            {
                yield return unknown;
            }
        }
    }

    /// <summary>Rewards that keep some entropy, and a price on answers that do not end.</summary>
    private static JsonObject Careful => new()
    {
        ["learningRate"] = 1e-4, ["entropyCoefficient"] = 0.03, ["prompts"] = 16, ["microPrompts"] = 16,
        ["maxCompletionTokens"] = 32, ["overlongMargin"] = 16, ["masksTruncated"] = true,
    };

    private static JsonObject Json(string name, JsonNode value) => new() { [name] = value };
}

/// <summary>One recipe of a sequence.</summary>
/// <param name="Recipe">Its name.</param>
/// <param name="Options">Its knobs.</param>
public sealed record Stage(string Recipe, JsonObject Options)
{
    /// <summary>A named set of knobs to start from; null: the defaults.</summary>
    public string? Preset { get; init; }
}

/// <summary>Several recipes as one run: self-supervised tasks first, or imitation before rewards.</summary>
/// <remarks>
/// Every stage is a run in a folder of its own, 01-sft, 02-grpo, ...; its model is the one before's. So starting again
/// finishes what was begun. The tiny model's vocabulary has the words of all stages' tasks.
/// </remarks>
internal static class RecipeSequence
{
    public static void Train(
        RecipeSequenceOptions options, string folder, CancellationToken cancellation, ProcessGroup? group = null)
    {
        group ??= ProcessGroup.Alone;
        Directory.CreateDirectory(folder);
        var tasks = options.Stages.Select(stage => Merge(options, stage)["task"]?.GetValue<string>())
            .OfType<string>().SelectMany(Rollouts.TaskShare.Parse).Select(share => share.TaskId).Distinct();
        var before = "";
        for (var i = 0; i < options.Stages.Count; i++)
        {
            if (group.StopsFor(cancellation))
            {
                throw new OperationCanceledException(cancellation);
            }

            var stage = options.Stages[i];
            var own = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{i + 1:D2}-{stage.Recipe}"));
            var knobs = Merge(options, stage);
            if (i > 0)
            {
                knobs["model"] = before;
            }
            else if (!knobs.ContainsKey("vocabularyTasks"))
            {
                knobs["vocabularyTasks"] = string.Join(',', tasks);
            }

            Directory.CreateDirectory(own);
            var file = Path.Combine(own, "knobs.json");
            if (group.IsFirst)
            {
                File.WriteAllText(file, knobs.ToJsonString());
            }

            group.Wait();
            RecipeCatalog.Run(stage.Recipe, new RecipeCall(stage.Preset, file, [], own, group), cancellation);
            before = Path.Combine(own, "final");
        }
    }

    private static JsonObject Merge(RecipeSequenceOptions options, Stage stage)
    {
        var knobs = options.Common.DeepClone().AsObject();
        OptionsReader.Overlay(knobs, stage.Options);
        return knobs;
    }
}
