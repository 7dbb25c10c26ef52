using System.Text.Json;
using PhysIntuition.Trainer.Study;
using PhysIntuition.Vlm;

namespace PhysIntuition.Trainer.Recipes;

public sealed class RecipeOptionsTests
{
    [Fact]
    public void Read_PresetFileAndValues_LaterOnesWin()
    {
        using var folder = new TemporaryFolder();
        var file = folder.At("options.json");
        File.WriteAllText(file, """{"steps": 7, "beta": 0.04, "objective": "drGrpo"}""");

        var options = RecipeOptions.Read(GrpoOptions.Paper, file, [new("steps", "9"), new("task", "OffsetX-v1")]);

        Assert.Equal(GrpoOptions.Paper with
        {
            Steps = 9, Beta = 0.04, Objective = PolicyObjective.DrGrpo, Task = "OffsetX-v1",
        }, options);
    }

    [Fact]
    public void Read_ObjectInAnObject_KeepsWhatTheFileDoesNotName()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("plan.json"), """{"questions": 9, "base": {"multiplyInBf16": true}}""");
        var plan = ExperimentPlan.Scales["cpu"];

        var read = RecipeOptions.Read(plan, folder.At("plan.json"), []);

        Assert.Equal(9, read.Questions);
        Assert.Equal(plan.Base! with { MultiplyInBf16 = true }, read.Base);
        Assert.Equal(plan.Sft, read.Sft);
    }

    [Theory]
    [InlineData("stepz", "1", "'stepz' is no knob. Did you mean 'steps'?")]
    [InlineData("beta1", "2", "beta1 is 2; must be in [0, 1).")]
    [InlineData("weightDecay", "-1", "weightDecay is -1; must be at least 0.")]
    [InlineData("topP", "0", "topP is 0; must be in (0, 1].")]
    [InlineData("epsilonLow", "1.5", "epsilonLow is 1.5; must be in [0, 1].")]
    [InlineData("threads", "-1", "threads is -1")]
    [InlineData("saveEvery", "0", "saveEvery is 0; must be at least 1.")]
    [InlineData("temperature", "0,7", "temperature is '0,7'; must be a number")]
    [InlineData("steps", "many", "steps is 'many'")]
    [InlineData("steps", "1.5", "$.steps")]
    [InlineData("steps", "0", "steps is 0")]
    [InlineData("learningRate", "0", "learningRate is 0")]
    [InlineData("warmupShare", "1", "warmupShare is 1")]
    [InlineData("completions", "1", "completions is 1")]
    [InlineData("microPrompts", "3", "microPrompts must divide")]
    [InlineData("temperature", "0", "temperature is 0")]
    [InlineData("pictureSize", "8", "pictureSize is 8")]
    [InlineData("objective", "ppo", "objective")]
    [InlineData("patience", "2", "set evaluateEvery")]
    [InlineData("curriculumTarget", "2", "curriculumTarget is 2")]
    [InlineData("holdInNf4", "true", "set adapterRank")]
    public void Read_WrongValue_NamesIt(string name, string value, string says) => Assert.Contains(says,
        Assert.Throws<ArgumentException>(
                () => RecipeOptions.Read(new GrpoOptions(), null, [new(name, value)])).Message);

    [Theory]
    [InlineData("sft")]
    [InlineData("base")]
    [InlineData("grpo")]
    [InlineData("ppo")]
    public void Read_EveryRecipe_TakesItsOwnKnobsAndNamesTheNearestOfOthers(string name)
    {
        using var folder = new TemporaryFolder();
        var recipe = RecipeCatalog.All.Single(recipe => recipe.Name == name);
        var defaults = recipe.Read(new RecipeCall(null, null, [], folder.Root));
        var file = folder.At("whole.json");
        File.WriteAllText(file, JsonSerializer.Serialize(defaults, recipe.OptionsType, RecipeOptions.Format));

        Assert.Equal(defaults, recipe.Read(new RecipeCall(null, file, [], folder.Root)));
        Assert.Equal("'lerningRate' is no knob. Did you mean 'learningRate'?",
            Refused(recipe, """{"lerningRate": 1}"""));
    }

    [Theory]
    [InlineData("""{"stagez": []}""", "'stagez' is no knob. Did you mean 'stages'?")]
    [InlineData("""{"stages": [{"recipe": "sft", "options": {}}, {"recipe": "grpo", "optoins": {}}]}""",
        "'stages[1].optoins' is no knob. Did you mean 'stages[1].options'?")]
    [InlineData("""{"stages": [{"recipe": "sft", "options": {"lerningRate": 1}}]}""",
        "'stages[0].options.lerningRate' is no knob. Did you mean 'stages[0].options.learningRate'?")]
    [InlineData("""{"stages": [{"recipe": "grpo", "options": {}}], "common": {"compl": 4}}""",
        "'common.compl' is no knob.")]
    public void Read_SequenceWithAMisspeltKnob_SaysWhereBeforeAStageRuns(string json, string says) =>
        Assert.Equal(says, Refused(RecipeCatalog.All.Single(recipe => recipe.Name == "sequence"), json));

    [Fact]
    public void Read_SequenceWithKnobsOfItsRecipes_IsTaken()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("options.json"), """
            {"stages": [{"recipe": "sft", "options": {"batch": 8}}, {"recipe": "grpo", "options": {"prompts": 2}}],
             "common": {"steps": 3, "learningRate": 0.001}}
            """);

        var read = RecipeOptions.Read(new RecipeSequenceOptions(), folder.At("options.json"), []);

        Assert.Equal(3, read.Common["steps"]!.GetValue<int>());
        Assert.Equal(2, read.Stages[1].Options["prompts"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("cpu", """{"sft": {"lerningRate": 1}}""",
        "'sft.lerningRate' is no knob. Did you mean 'sft.learningRate'?")]
    [InlineData("gpu", """{"base": {"batsh": 8}}""", "'base.batsh' is no knob. Did you mean 'base.batch'?")]
    [InlineData("smoke", """{"grpo": {"q": 8}}""", "'grpo.q' is no knob.")]
    [InlineData("smoke", """{"arms": [{"id": "x", "stages": [{"recipe": "sft", "shere": 1}]}]}""",
        "'arms[0].stages[0].shere' is no knob. Did you mean 'arms[0].stages[0].share'?")]
    public void Read_ExperimentWithAMisspeltKnob_SaysWhere(string scale, string json, string says)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("plan.json"), json);

        Assert.Equal(says, Assert.Throws<ArgumentException>(
            () => RecipeOptions.Read(ExperimentPlan.Scales[scale], folder.At("plan.json"), [])).Message);
    }

    [Theory]
    [InlineData("smoke")]
    [InlineData("cpu")]
    [InlineData("gpu")]
    public void Read_ExperimentAsItIsWritten_IsTaken(string scale)
    {
        using var folder = new TemporaryFolder();
        var plan = ExperimentPlan.Scales[scale];
        var whole = JsonSerializer.Serialize(plan, RecipeOptions.Format);
        File.WriteAllText(folder.At("plan.json"), whole);

        Assert.Equal(whole, JsonSerializer.Serialize(
            RecipeOptions.Read(plan, folder.At("plan.json"), []), RecipeOptions.Format));
    }

    [Fact]
    public void Read_FileWithoutAnObject_NamesTheFile()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("list.json"), "[1]");

        Assert.Contains("list.json holds no JSON object", Assert.Throws<ArgumentException>(
            () => RecipeOptions.Read(new SftOptions(), folder.At("list.json"), [])).Message);
    }

    [Theory]
    [InlineData("sft-grpo")]
    [InlineData("ssl4rl")]
    [InlineData("paper")]
    public void Presets_OfSequences_HaveKnobsThatTheirRecipesTake(string preset)
    {
        using var folder = new TemporaryFolder();
        foreach (var stage in RecipeSequenceOptions.Presets[preset].Stages)
        {
            var recipe = RecipeCatalog.All.Single(recipe => recipe.Name == stage.Recipe);
            var file = folder.At($"{stage.Recipe}.json");
            File.WriteAllText(file, stage.Options.ToJsonString());

            // Reads and checks; a knob that is unknown or out of range would be refused.
            Assert.IsType(recipe.OptionsType, recipe.Read(new RecipeCall(stage.Preset, file, [], folder.Root)));
        }
    }

    private static string Refused(Recipe recipe, string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("options.json"), json);

        return Assert.Throws<ArgumentException>(
            () => recipe.Read(new RecipeCall(null, folder.At("options.json"), [], folder.Root))).Message;
    }

    [Fact]
    public void At_WarmupAndDecay_FollowTheFormula()
    {
        var linear = new LearningRate(1, Decay.Linear, WarmupShare: 0.2, Steps: 10);
        var cosine = linear with { Decay = Decay.Cosine };

        // Two warm-up steps at 1/3 and 2/3, then 8 steps from 1 down.
        Assert.Equal([1 / 3.0, 2 / 3.0, 1, 7 / 8.0], [linear.At(0), linear.At(1), linear.At(2), linear.At(3)]);
        Assert.Equal(0.5, cosine.At(6), 1e-12);
        Assert.Equal(1, (linear with { Decay = Decay.Constant }).At(9));
    }
}
