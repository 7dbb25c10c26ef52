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
