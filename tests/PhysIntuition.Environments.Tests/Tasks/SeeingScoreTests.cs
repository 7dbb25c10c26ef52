using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>What counts, places, margins and choices pay, at their borders.</summary>
public sealed class SeeingScoreTests
{
    /// <summary>Tasks that ask for one of several words, yes and no apart.</summary>
    public static TheoryData<string> Choices => new(
        from task in TaskCatalog.All
        where task.Spec is { Answer: [{ Choices.Count: > 2 }], MaxSteps: 1 }
        select task.Spec.Id);

    [Theory]
    [InlineData(5, 1.0, "Right.")]
    [InlineData(6, 0.5, "Off by one.")]
    [InlineData(4, 0.5, "Off by one.")]
    [InlineData(7, 0.0, "Wrong.")]
    [InlineData(3, 0.0, "Wrong.")]
    [InlineData(16, 0.0, "Wrong.")]
    [InlineData(0, 0.0, "Wrong.")]
    public void Judge_Count_PaysHalfForOneTooManyOrTooFew(int answer, double reward, string reason)
    {
        var verdict = Judge("Count-v1", new() { Expert = new(5) }, new(answer));

        Assert.Equal((reward, reason, true), (verdict.Reward, verdict.Reason, verdict.IsOver));
    }

    [Theory]
    [InlineData(0, 0, 1.0)]
    [InlineData(30, 0, 0.4)]
    [InlineData(0, -30, 0.4)]
    [InlineData(15, 20, 0.5)]        // 25 cm off: half of the half metre
    [InlineData(-15, -20, 0.5)]
    [InlineData(30, 40, 0.0)]        // half a metre to the hundredth
    [InlineData(30, 39, 0.015927)]   // 49.20366 cm
    [InlineData(-300, 400, 0.0)]
    public void Judge_Locate_PaysByTheDistanceInBothDirections(int right, int up, double reward)
    {
        var expert = Answer.OfPair(120, -40);
        var verdict = Judge("Locate-v1", new() { Expert = expert }, Answer.OfPair(120 + right, -40 + up));

        Assert.Equal(reward, verdict.Reward, 1e-5);
        Assert.Equal(Math.Sqrt((right * right) + (up * up)) / 100, verdict.Distance, 1e-12);
    }

    [Theory]
    [InlineData(0.4f, 0, 1.0)]
    [InlineData(0.4f, 5, 0.5)]       // a quarter of 40 cm is 10 cm
    [InlineData(0.4f, -5, 0.5)]
    [InlineData(0.4f, 10, 0.0)]
    [InlineData(0.8f, 10, 0.5)]      // the wider block forgives more
    [InlineData(0.8f, -20, 0.0)]
    [InlineData(0.8f, -100, 0.0)]
    public void Judge_Margin_PaysByQuartersOfTheBlocksWidth(float width, int off, double reward)
    {
        var verdict = Judge("Margin-v1", new() { Expert = new(12), Scale = width }, new(12 + off));

        Assert.Equal(reward, verdict.Reward, 1e-6);
    }

    [Theory]
    [InlineData("Count-v1")]
    [InlineData("Locate-v1")]
    [InlineData("Margin-v1")]
    [InlineData("Order-v1")]
    public void Judge_UnreadableOfATaskOfSeeing_PaysMinusOne(string id)
    {
        var verdict = Judge(id, new() { Expert = Answer.OfPair(1, 1), Scale = 1f }, Judged.Unreadable);

        Assert.Equal((-1.0, "Unreadable.", true), (verdict.Reward, verdict.Reason, verdict.IsOver));
    }

    [Theory]
    [MemberData(nameof(Choices))]
    public void Judge_OneOfSeveral_PaysForThatOneAlone(string id)
    {
        var task = TaskCatalog.Find(id);
        var words = task.Spec.Answer[0].Choices!;
        for (var right = 0; right < words.Count; right++)
        {
            for (var answer = 0; answer < words.Count; answer++)
            {
                var verdict = Judge(id, new() { Expert = new(right), Choice = right }, new(answer));

                Assert.Equal(
                    right == answer ? (1.0, "Right.", true) : (0.0, "Wrong.", true),
                    (verdict.Reward, verdict.Reason, verdict.IsOver));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Choices))]
    public void Judge_OneOfSeveralUnderSignedReward_TakesOneForWrong(string id)
    {
        var task = TaskCatalog.Find(id);
        if (task.Spec.OptionsType.GetProperty("Reward") is null)
        {
            return;   // it has one way of paying
        }

        var options = OptionsReader.Read(task.Spec, """{"reward":"signed"}""");
        var facts = new EpisodeState { Expert = new(0) };
        double[] rewards = [.. ((Answer[])[new(0), new(1), Judged.Unreadable]).Select(answer =>
            Judged.By(task, options, facts, answer).Reward)];

        Assert.Equal([1.0, -1.0, -1.0], rewards);
    }

    private static Verdict Judge(string id, EpisodeState facts, Answer answer)
    {
        var task = TaskCatalog.Find(id);

        return Judged.By(task, OptionsReader.DefaultsOf(task.Spec), facts, answer);
    }
}
