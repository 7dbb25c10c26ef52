using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhysIntuition.Environments.Options;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>Every number that a recipe takes, at its ends and just outside; what does not go together.</summary>
public sealed class RecipeOptionTests
{
    private static readonly Dictionary<string, TrainingOptions> s_recipes = new()
    {
        ["sft"] = new SftOptions(), ["grpo"] = new GrpoOptions(), ["ppo"] = new PpoOptions(),
        ["sft, paper"] = SftOptions.Paper, ["grpo, paper"] = GrpoOptions.Paper,
    };

    public static TheoryData<string, string> Numbers => new(
        from recipe in (string[])["sft", "grpo", "ppo"]
        from property in s_recipes[recipe].GetType().GetProperties()
        where property.GetCustomAttribute<WithinAttribute>() is not null
        select (recipe, property.Name));

    public static TheoryData<string> Recipes => new(s_recipes.Keys);

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Faults_Defaults_AreNone(string recipe) => Assert.Empty(s_recipes[recipe].Faults());

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Faults_NumberAtItsEnds_IsTakenOnlyWhereTheRuleSaysSo(string recipe, string name)
    {
        var rule = Rule(recipe, name);

        Assert.Equal(rule.IsMinExcluded, Complaints(recipe, name, rule.Min).Any());
        if (double.IsFinite(rule.Max))
        {
            Assert.Equal(rule.IsMaxExcluded, Complaints(recipe, name, rule.Max).Any());
        }
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Faults_NumberJustOutside_NamesItTheValueAndTheRule(string recipe, string name)
    {
        var rule = Rule(recipe, name);
        var isWhole = Property(recipe, name).PropertyType == typeof(int);
        List<double> outside = [isWhole ? rule.Min - 1 : rule.Min - 0.5];
        if (double.IsFinite(rule.Max))
        {
            outside.Add(isWhole ? rule.Max + 1 : rule.Max + 0.5);
        }

        foreach (var value in outside)
        {
            var text = FormattableString.Invariant($"{Camel(name)} is {value}; must be {rule}.");
            Assert.Contains(text, Complaints(recipe, name, value));
        }
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Faults_NotANumber_IsRefused(string recipe, string name)
    {
        if (Property(recipe, name).PropertyType != typeof(int))
        {
            Assert.NotEmpty(Complaints(recipe, name, double.NaN));
        }
    }

    public static TheoryData<string> Conflicts => new(s_conflicts.Keys);

    private static readonly Dictionary<string, TrainingOptions> s_conflicts = new()
    {
        ["batch is 10 and microBatch 4; microBatch must divide batch."] = new SftOptions { Batch = 10, MicroBatch = 4 },
        ["prompts is 6 and microPrompts 4; microPrompts must divide prompts."] =
            new GrpoOptions { Prompts = 6, MicroPrompts = 4 },
        ["prompts x completions is 6 and microBatch 4; microBatch must divide it."] =
            new PpoOptions { Prompts = 3, Completions = 2, MicroBatch = 4 },
        ["holdInNf4 is true and adapterRank 0; four-bit weights cannot learn, so set adapterRank."] =
            new SftOptions { HoldInNf4 = true },
        ["curriculum and taskOptions are both set; put the options into every level of the curriculum."] =
            new GrpoOptions { Curriculum = "[{}]", TaskOptions = "{}" },
        ["replay is 9 and sampler http://here/v1; past answers are compared with this model's own probabilities, so "
            + "leave one of them out."] =
            new GrpoOptions { Replay = 9, Sampler = "http://here/v1", AdapterRank = 4 },
        ["sequenceLevel is true and covariance clip; covariances are those of tokens, so leave one of them out."] =
            new GrpoOptions { SequenceLevel = true, Covariance = CovarianceRule.Clip },
        ["constrain is answer and sampler http://here/v1, which writes without it; leave one of them out."] =
            new GrpoOptions
            {
                Constrain = PhysIntuition.Evaluation.Models.AnswerConstraint.Answer, AdapterRank = 4,
                Sampler = "http://here/v1",
            },
        ["constrain is answer; ppo draws without it, so leave it out. Use grpo."] =
            new PpoOptions { Constrain = PhysIntuition.Evaluation.Models.AnswerConstraint.Answer },
        ["formTasks names Ofset-v1, which is not in task. Did you mean 'Offset-v1'?"] =
            new SftOptions { Task = "Offset-v1,Stability-v1", FormTasks = "Ofset-v1,Stability-v1" },
        ["covarianceLow is 6 and covarianceHigh 5; low must be below high."] = new GrpoOptions { CovarianceLow = 6 },
        ["patience is 2 and evaluateEvery 0; patience counts evaluations, so set evaluateEvery, too."] =
            new SftOptions { Patience = 2 },
    };

    [Theory]
    [MemberData(nameof(Conflicts))]
    public void Faults_OptionsThatDoNotGoTogether_SayWhichAndWhatToDo(string fault) =>
        Assert.Equal([fault], s_conflicts[fault].Faults());

    [Fact]
    public void Refuse_NumbersOfProcesses_SaysWhichAndWhy()
    {
        var imitation = new SftOptions { Batch = 8, MicroBatch = 2 };
        var rewards = new GrpoOptions { Prompts = 8, MicroPrompts = 4 };

        Assert.Null(imitation.Refuse(4));
        Assert.Equal("3 processes learn together; their number must divide batch / microBatch (4).",
            imitation.Refuse(3));
        Assert.Null(rewards.Refuse(2));
        Assert.Equal("4 processes learn together; their number must divide prompts / microPrompts (2).",
            rewards.Refuse(4));
        Assert.EndsWith("scale batch, replay and aggregation normaliseThenSum look at the answers of all, so leave "
            + "them out, or take one process.", (rewards with { Replay = 9 }).Refuse(2));
        Assert.Contains("scale batch", (rewards with { Scale = RewardScale.Batch }).Refuse(2));
        Assert.Null((rewards with { Scale = RewardScale.Batch }).Refuse(1));
        Assert.Null(new PpoOptions().Refuse(1));
        Assert.Contains("so it takes 1", new PpoOptions().Refuse(2));
    }

    [Theory]
    [InlineData("sft-grpo", "sft grpo")]
    [InlineData("ssl4rl", "sft grpo sft grpo")]
    [InlineData("paper", "sft grpo")]
    public void Presets_Sequences_HaveTheirStagesAndNoFaults(string preset, string stages)
    {
        var options = RecipeSequenceOptions.Presets[preset];

        Assert.Equal(stages, string.Join(' ', options.Stages.Select(stage => stage.Recipe)));
        Assert.Empty(options.Faults());
    }

    [Fact]
    public void Faults_SequencesThatCannotRun_SayWhy()
    {
        Assert.Equal(["stages is empty; name one or more, or take a preset."], new RecipeSequenceOptions().Faults());
        Assert.Equal(["stage 'sequence' is a sequence itself; list its stages instead."],
            new RecipeSequenceOptions { Stages = [new("sequence", [])] }.Faults());
    }

    // What is said of one number, put into the recipe's defaults without their checks; of others it says nothing.
    private static IEnumerable<string> Complaints(string recipe, string name, double value)
    {
        var options = (TrainingOptions)JsonSerializer.Deserialize(
            JsonSerializer.Serialize(s_recipes[recipe], s_recipes[recipe].GetType(), RecipeOptions.Format),
            s_recipes[recipe].GetType(), RecipeOptions.Format)!;
        var property = Property(recipe, name);
        property.SetValue(options, Convert.ChangeType(value, property.PropertyType));

        return OptionRules.CheckNumbers(options);
    }

    private static WithinAttribute Rule(string recipe, string name) =>
        Property(recipe, name).GetCustomAttribute<WithinAttribute>()!;

    private static PropertyInfo Property(string recipe, string name) => s_recipes[recipe].GetType().GetProperty(name)!;

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
}
