using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>What yes and no pay: every task, both ways of paying, both labels.</summary>
public sealed class YesNoScoreTests
{
    public static TheoryData<string, string> Cases => new(
        from task in TaskCatalog.All
        where task.Spec.Answer is [{ Choices: ["no", "yes"] }] && task.Spec.Reward.Min < 0
        from reward in (string[])["zeroOne", "signed"]
        select (task.Spec.Id, reward));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Judge_RightWrongAndUnreadable_PayOneZeroOrMinusOneAndMinusOne(string id, string reward)
    {
        var task = TaskCatalog.Find(id);
        var options = OptionsReader.Read(task.Spec, $$"""{"reward":"{{reward}}"}""");
        foreach (var isYes in (bool[])[false, true])
        {
            var right = Judged.By(task, options, new() { IsYes = isYes }, Answer.OfYes(isYes));
            var wrong = Judged.By(task, options, new() { IsYes = isYes }, Answer.OfYes(!isYes));
            var unreadable = Judged.By(task, options, new() { IsYes = isYes }, Judged.Unreadable);

            Assert.Equal((1.0, reward == "signed" ? -1.0 : 0.0, -1.0), (right.Reward, wrong.Reward, unreadable.Reward));
            Assert.True(right.IsOver && wrong.IsOver && unreadable.IsOver);
            Assert.All((double[])[right.Distance, wrong.Distance, unreadable.Distance], distance =>
                Assert.True(double.IsNaN(distance)));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Judge_Reason_TellsTheFactWhicheverAnswerWasGiven(string id, string reward)
    {
        var task = TaskCatalog.Find(id);
        var options = OptionsReader.Read(task.Spec, $$"""{"reward":"{{reward}}"}""");
        string[] reasons = [.. from isYes in (bool[])[false, true]
                               from says in (bool[])[false, true]
                               select Judged.By(task, options, new() { IsYes = isYes }, Answer.OfYes(says)).Reason];

        Assert.StartsWith("Right: ", reasons[0]);
        Assert.StartsWith("Wrong: ", reasons[1]);
        Assert.StartsWith("Wrong: ", reasons[2]);
        Assert.StartsWith("Right: ", reasons[3]);
        Assert.Equal(reasons[0]["Right: ".Length..], reasons[1]["Wrong: ".Length..]);
        Assert.Equal(reasons[3]["Right: ".Length..], reasons[2]["Wrong: ".Length..]);
        Assert.NotEqual(reasons[0]["Right: ".Length..], reasons[3]["Right: ".Length..]);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void IsYes_Number_IsWhatThePlayerMeant(double number, bool isYes) =>
        Assert.Equal(isYes, Answer.Of([number]).IsYes);

    [Fact]
    public void Default_Answer_IsNotLegalAndPaysAsUnreadable()
    {
        var verdict = Judged.By(new Stability(), new StabilityOptions(), new() { IsYes = false }, default);

        Assert.False(default(Answer).IsLegal);
        Assert.Equal((-1.0, "Unreadable."), (verdict.Reward, verdict.Reason));
    }
}
