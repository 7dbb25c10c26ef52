using PhysIntuition.Environments.Splits;

namespace PhysIntuition.Trainer.Rollouts;

public sealed class QuestionSourceTests
{
    [Fact]
    public void Ask_SameSeeds_GivesTheSameQuestionsInAnyBatch()
    {
        using var first = Open("Stability-v1");
        using var second = Open("Stability-v1");

        var all = first.Ask(100, 6);
        var part = second.Ask(103, 2);

        static (ulong, string, string) Words(Question question) => (question.Seed, question.Prompt, question.Expert);
        Assert.Equal(all[3..5].Select(Words), part.Select(Words));
        Assert.Equal(all[4].Picture.Pixels, part[1].Picture.Pixels);
        Assert.NotEqual(all[0].Picture.Pixels, all[1].Picture.Pixels);
    }

    [Fact]
    public void Judge_ExpertAndOthers_ScoresEachByItself()
    {
        using var source = Open("Stability-v1");
        var questions = source.Ask(0, 4);

        var scores = source.Judge(0, [.. questions.Select(q => new[]
        {
            q.Expert, "no idea", q.Expert.Contains("yes") ? "<answer>no</answer>" : "<answer>yes</answer>",
        })]);

        Assert.All(scores, row => Assert.Equal([new Score(1, true), new Score(-1, false), new Score(0, true)], row));
        Assert.Equal(scores.Select(row => row[..1]), source.Judge(0, [.. questions.Select(q => new[] { q.Expert })]));
    }

    [Fact]
    public void Open_TaskOfSeveralSteps_IsRefused() => Assert.Contains("one step",
        Assert.Throws<ArgumentException>(() => Open("OffsetRetry-v1")).Message);

    private static QuestionSource Open(string task) => new(task, "", Split.Train, pictureSize: 32);
}
