namespace PhysIntuition.Trainer.Rollouts;

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
