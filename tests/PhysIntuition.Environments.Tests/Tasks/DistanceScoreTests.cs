using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Rewards that fall with the distance, at their borders.</summary>
public sealed class DistanceScoreTests
{
    public static TheoryData<string> Tasks => ["PushRest-v1", "CollisionStop-v1", "Balance-v1"];

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Judge_Distance_PaysOneLessTheMetres(string id)
    {
        Assert.Equal(1.0, Reward(id, place: 2f, answer: 200));
        Assert.Equal(0.75, Reward(id, place: 2f, answer: 175), 1e-12);
        Assert.Equal(0.75, Reward(id, place: 2f, answer: 225), 1e-12);
        Assert.Equal(0.25, Reward(id, place: -2f, answer: -125), 1e-12);
        Assert.Equal(0.01, Reward(id, place: 0f, answer: 99), 1e-12);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Judge_OneMetreOffAndMore_PaysNothingAndNeverLess(string id)
    {
        Assert.Equal(0.0, Reward(id, place: 0f, answer: 100));
        Assert.Equal(0.0, Reward(id, place: 0f, answer: -100));
        Assert.Equal(0.0, Reward(id, place: 0f, answer: 200));
        Assert.Equal(0.0, Reward(id, place: 10f, answer: -1000));
        // One bit nearer than a metre pays again.
        Assert.InRange(Reward(id, MathF.BitIncrement(0f), 100), 0, 1e-12);
        Assert.True(Reward(id, MathF.BitIncrement(1f), 100) < 1);
        Assert.True(Reward(id, MathF.BitDecrement(1f), 0) > 0);
        Assert.Equal(0.0, Reward(id, MathF.BitIncrement(1f), 0));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Judge_Unreadable_PaysMinusOneAndTellsNoDistance(string id)
    {
        var task = TaskCatalog.Find(id);
        var verdict = Judged.By(task, OptionsReader.DefaultsOf(task.Spec), Judged.At(1f), Judged.Unreadable);

        Assert.Equal((-1.0, true, "Unreadable."), (verdict.Reward, verdict.IsOver, verdict.Reason));
        Assert.True(double.IsNaN(verdict.Distance));
    }

    [Theory]
    [InlineData(0, "On the spot.")]
    [InlineData(4, "On the spot.")]
    [InlineData(5, "Close.")]        // 0.05 m is no longer on the spot
    [InlineData(24, "Close.")]
    [InlineData(25, "Not far.")]
    [InlineData(99, "Not far.")]
    [InlineData(100, "Far off.")]
    [InlineData(900, "Far off.")]
    public void Judge_Words_ChangeAtTheirBorders(int off, string words)
    {
        foreach (var id in Tasks.Select(row => row.Data))
        {
            var task = TaskCatalog.Find(id);
            var options = OptionsReader.DefaultsOf(task.Spec);
            var (right, left) = (Judged.By(task, options, Judged.At(0f), new Answer(off)),
                Judged.By(task, options, Judged.At(0f), new Answer(-off)));

            Assert.Equal((words, words), (right.Reason, left.Reason));
            Assert.Equal((off / 100.0, off / 100.0), (right.Distance, left.Distance));
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Judge_Start_IsWhatPlacesCountFrom(string id)
    {
        var task = TaskCatalog.Find(id);
        var facts = Judged.At(1.5f) with { Start = new(id == "Balance-v1" ? 0f : -1f, 0, 0) };
        var right = id == "Balance-v1" ? 150 : 250;

        Assert.Equal(1.0, Judged.By(task, OptionsReader.DefaultsOf(task.Spec), facts, new Answer(right)).Reward);
    }

    private static double Reward(string id, float place, double answer)
    {
        var task = TaskCatalog.Find(id);

        return Judged.By(task, OptionsReader.DefaultsOf(task.Spec), Judged.At(place), new Answer(answer)).Reward;
    }
}
