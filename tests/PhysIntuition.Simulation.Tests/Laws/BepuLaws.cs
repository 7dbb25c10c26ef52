using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation.Bepu;

namespace PhysIntuition.Simulation.Tests.Laws;

/// <summary>BepuPhysics under the laws; compiled under -p:Bepu=true alone.</summary>
internal static class Bepu
{
    public static ISimulator Engine { get; } = new BepuSimulator();
}

public sealed class BepuFallingLaws() : FallingLaws(Bepu.Engine, rebounds: false);

public sealed class BepuFrictionLaws() : FrictionLaws(Bepu.Engine);

public sealed class BepuPushLaws() : PushLaws(Bepu.Engine);

public sealed class BepuCollisionLaws() : CollisionLaws(Bepu.Engine, rebounds: false);

public sealed class BepuStandingLaws() : StandingLaws(Bepu.Engine);

public sealed class BepuDominoLaws() : DominoLaws(Bepu.Engine);

public sealed class BepuTowers
{
    [Fact]
    public void Settle_TowersWithAMarginOverFivePercent_EndAsTheCriterionSays()
    {
        var towers = Towers.Mixture(40, seed: 3)
            .Where(tower => Math.Abs(StaticMargin.Of(tower).Value) > 0.05f)
            .ToArray();
        var stable = towers.Select(tower => StaticMargin.Of(tower).IsStable).ToArray();
        var outcomes = new Outcome[towers.Length];

        Bepu.Engine.Settle(towers, new SettleOptions { MaxTime = 3f, StopAtFirstFall = true }, outcomes);

        Assert.True(towers.Length > 60, $"Only {towers.Length} towers are far from the edge.");
        Assert.Equal(stable, outcomes.Select(outcome => outcome.Ending is not (Ending.Fell or Ending.Left)));
    }
}
