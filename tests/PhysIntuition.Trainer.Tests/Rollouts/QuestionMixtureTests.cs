using PhysIntuition.Environments.Splits;

namespace PhysIntuition.Trainer.Rollouts;

public sealed class QuestionMixtureTests
{
    private static readonly TaskShare[] s_tasks = [new("Stability-v1", 3), new("OffsetX-v1", 1)];

    [Fact]
    public void Ask_TwoTasks_FollowsTheWeightsAndTheSeeds()
    {
        using var mixture = new QuestionMixture(s_tasks, "", Split.Train, 16);

        var questions = mixture.Ask(1000, 40);

        // 40 draws with probability 3/4: 30 expected, standard deviation 2.7; five of them are a safe bound.
        var stability = questions.Count(question => question.Prompt.Contains("Will any block fall?"));
        Assert.InRange(stability, 17, 39);
        Assert.Equal(questions.Select(q => q.Prompt), mixture.Ask(1000, 40).Select(q => q.Prompt));
    }

    [Fact]
    public void Judge_ExpertsOfBothTasks_EarnTheMost()
    {
        using var mixture = new QuestionMixture(s_tasks, "", Split.Train, 16);
        var questions = mixture.Ask(7, 12);

        var scores = mixture.Judge(7, [.. questions.Select(q => new[] { q.Expert, "?" })]);

        Assert.All(questions.Zip(scores), pair =>
        {
            var isYesNo = pair.First.Prompt.Contains("Will any block fall?");
            Assert.Equal(isYesNo ? 1 : 10, pair.Second[0].Reward, 0.1);
            Assert.False(pair.Second[1].IsReadable);
        });
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("A-v1,A-v1", "named once")]
    [InlineData("A-v1:0", "weight above 0")]
    [InlineData("A-v1:x", "weight above 0")]
    [InlineData("A-v1:1:2", "weight above 0")]
    public void Parse_WrongText_SaysWhy(string text, string says) =>
        Assert.Contains(says, Assert.Throws<ArgumentException>(() => TaskShare.Parse(text)).Message);

    [Fact]
    public void Parse_TasksAndWeights_ReadsBoth() =>
        Assert.Equal([new("A-v1", 1), new("B-v2", 0.5)], TaskShare.Parse("A-v1, B-v2:0.5"));
}
