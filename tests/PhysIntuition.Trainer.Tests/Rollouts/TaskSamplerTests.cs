using PhysIntuition.Evaluation;

namespace PhysIntuition.Trainer.Rollouts;

public sealed class TaskSamplerTests
{
    private static readonly TaskShare[] s_tasks = [new("Stability-v1", 3), new("OffsetX-v1", 1)];

    [Fact]
    public async Task Ask_TwoTasks_FollowsTheWeightsAndTheSeeds()
    {
        using var clients = EnvironmentClients.Open("");
        using var mixture = new TaskSampler(clients, s_tasks, "", "train", 16);

        var questions = (await mixture.AskAsync(1000, 40)).Questions;

        // 40 draws with probability 3/4: 30 expected, standard deviation 2.7; five of them are a safe bound.
        var stability = questions.Count(question => question.Prompt.Contains("Will any block fall?"));
        Assert.InRange(stability, 17, 39);
        var again = (await mixture.AskAsync(1000, 40)).Questions;
        Assert.Equal(questions.Select(q => q.Prompt), again.Select(q => q.Prompt));
    }

    [Fact]
    public async Task Answer_ExpertsOfBothTasks_EarnTheMost()
    {
        using var clients = EnvironmentClients.Open("");
        using var mixture = new TaskSampler(clients, s_tasks, "", "train", 16);
        var episodes = await mixture.AskAsync(7, 12);

        var turn = await episodes.AnswerAsync([.. episodes.Questions.Select(q => new[] { q.Expert, "?" })]);

        Assert.Empty(turn.Next);
        Assert.Equal(1, episodes.Success([.. turn.Scores.Chunk(2).Select(pair => pair[0].Reward)]), 0.01);
        Assert.All(episodes.Questions.Zip(turn.Scores.Chunk(2)), pair =>
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

/// <summary>Several tasks in one text, and the mixture that comes of it.</summary>
public sealed class TaskShareTests
{
    [Theory]
    [InlineData("Stability-v1", "Stability-v1 1")]
    [InlineData(" Stability-v1 , OffsetX-v1 ", "Stability-v1 1|OffsetX-v1 1")]
    [InlineData("Stability-v1:2,OffsetX-v1:1", "Stability-v1 2|OffsetX-v1 1")]
    [InlineData("A-v1:0.25,B-v1:1e3,", "A-v1 0.25|B-v1 1000")]
    public void Parse_Text_GivesTasksAndWeights(string text, string shares) => Assert.Equal(
        shares, string.Join('|', TaskShare.Parse(text).Select(share => FormattableString.Invariant(
            $"{share.TaskId} {share.Weight}"))));

    [Theory]
    [InlineData("", "task is empty")]
    [InlineData(" , ,", "task is empty")]
    [InlineData("A-v1:0", "task 'A-v1:0' has no weight above 0")]
    [InlineData("A-v1:-1", "task 'A-v1:-1' has no weight above 0")]
    [InlineData("A-v1:NaN", "task 'A-v1:NaN' has no weight above 0")]
    [InlineData("A-v1:Infinity", "task 'A-v1:Infinity' has no weight above 0")]
    [InlineData("A-v1:two", "write it as Stability-v1:2")]
    [InlineData("A-v1:1:2", "write it as Stability-v1:2")]
    [InlineData("A-v1,B-v1,A-v1:2", "a task may be named once")]
    public void Parse_WhatIsNoShare_IsRefusedWithARemedy(string text, string says) => Assert.Contains(
        says, Assert.Throws<ArgumentException>(() => TaskShare.Parse(text)).Message, StringComparison.Ordinal);
}
