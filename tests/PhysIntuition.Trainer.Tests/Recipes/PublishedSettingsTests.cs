using PhysIntuition.Faults;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>Settings that papers print, as the presets have them; names that there are not.</summary>
public sealed class PublishedSettingsTests
{
    // arXiv 2602.06033: LoRA of rank and alpha 16 on vision and language layers of a four-bit model.
    [Fact]
    public void Paper_BothRecipes_AdaptAFourBitModelWithRankSixteen()
    {
        foreach (var options in (TrainingOptions[])[SftOptions.Paper, GrpoOptions.Paper])
        {
            Assert.Equal((16, 16.0, true), (options.AdapterRank, options.AdapterAlpha, options.AdaptVision));
            Assert.True(options.HoldInNf4);
            Assert.Equal("", options.Model);   // the user's own
        }
    }

    [Fact]
    public void Paper_SupervisedLearning_HasItsRateBatchAndDecay()
    {
        var options = SftOptions.Paper;

        Assert.Equal((2e-4, Decay.Linear, 64 * 4, 0.01),
            (options.LearningRate, options.Decay, options.Batch, options.WeightDecay));
    }

    [Fact]
    public void Paper_GroupRelativeLearning_HasItsRateMomentsAndCompletions()
    {
        var options = GrpoOptions.Paper;

        Assert.Equal((5e-6, Decay.Cosine, 0.1), (options.LearningRate, options.Decay, options.WarmupShare));
        Assert.Equal((0.9, 0.99, 0.1, 0.1),
            (options.Beta1, options.Beta2, options.WeightDecay, options.ClipNorm));
        Assert.Equal((16, 200), (options.Completions, options.MaxCompletionTokens));
    }

    [Fact]
    public void Presets_OfTheGroupRelativeFamily_HaveNoFaults()
    {
        Assert.Equal(["paper", "gspo", "dapo", "dr_grpo", "cispo", "sapo"],
            RecipeCatalog.GrpoPresets.Select(preset => preset.Name));
        Assert.All(RecipeCatalog.GrpoPresets, preset => Assert.Empty(preset.Options.Faults()));
    }

    [Fact]
    public void Generation_OfTheOptions_HasASeedOfItsOwnForEveryPart()
    {
        var options = new GrpoOptions { Temperature = 0.7f, TopK = 9, TopP = 0.8f, MinP = 0.05f, Seed = 4 };
        var first = options.Generation([7], step: 3, microBatch: 1, turn: 0, each: 5);

        Assert.Equal((0.7f, 9, 0.8f, 0.05f),
            (first.Sampling.Temperature, first.Sampling.TopK, first.Sampling.TopP, first.Sampling.MinP));
        Assert.Equal((32, 5), (first.MaxNewTokens, first.CompletionsPerPrompt));
        Assert.Equal([7], first.StopTokens);
        ulong[] seeds =
        [
            first.Seed, options.Generation([7], 4, 1, 0, 5).Seed, options.Generation([7], 3, 2, 0, 5).Seed,
            options.Generation([7], 3, 1, 1, 5).Seed, (options with { Seed = 5 }).Generation([7], 3, 1, 0, 5).Seed,
        ];
        Assert.Equal(5, seeds.Distinct().Count());
        Assert.Equal(first.Seed, options.Generation([7], 3, 1, 0, 5).Seed);
    }

    [Theory]
    [InlineData("gpro", null, "'recipe' is 'gpro', which is unknown. Did you mean 'grpo'?")]
    [InlineData("grpo", "dappo", "'preset' is 'dappo', which is unknown. Did you mean 'dapo'?")]
    [InlineData("grpo", "cipso", "'preset' is 'cipso', which is unknown. Did you mean 'cispo'?")]
    [InlineData("grpo", "drgrpo", "'preset' is 'drgrpo', which is unknown. Did you mean 'dr_grpo'?")]
    [InlineData("ppo", "paper", "'preset' is 'paper', which is unknown.")]
    [InlineData("sequence", "sft-gpro", "'preset' is 'sft-gpro', which is unknown. Did you mean 'sft-grpo'?")]
    public void Run_UnknownRecipeOrPreset_NamesTheOneThatWasMeant(string recipe, string? preset, string says)
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => RecipeCatalog.Run(
            recipe, new(preset, null, [], "nowhere"), CancellationToken.None));

        Assert.StartsWith(says, fault.Message);
        Assert.False(Directory.Exists("nowhere"));
    }
}
