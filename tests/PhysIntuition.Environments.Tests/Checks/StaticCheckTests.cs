using PhysIntuition.Environments.Checks;

namespace PhysIntuition.Environments.Tests.Checks;

public sealed class StaticCheckTests
{
    [Fact]
    public void Run_TwoThousandTowers_AgreeWithTheCentreOfMassCriterion()
    {
        var check = StaticCheck.Run(Given.Simulator, towers: 2000);

        Assert.True(check.Far > 1500);
        Assert.True(check.FarAgreeing >= 0.99 * check.Far, string.Join('\n', check.Disagreements));
    }
}
