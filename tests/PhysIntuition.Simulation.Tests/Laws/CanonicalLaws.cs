namespace PhysIntuition.Simulation.Tests.Laws;

/// <summary>The canonical engine under the laws.</summary>
internal static class Canonical
{
    public static ISimulator Engine { get; } = new BatchSimulator();
}

public sealed class CanonicalFallingLaws() : FallingLaws(Canonical.Engine);

public sealed class CanonicalFrictionLaws() : FrictionLaws(Canonical.Engine);

public sealed class CanonicalPushLaws() : PushLaws(Canonical.Engine);

public sealed class CanonicalCollisionLaws() : CollisionLaws(Canonical.Engine);

public sealed class CanonicalStandingLaws() : StandingLaws(Canonical.Engine);

public sealed class CanonicalDominoLaws() : DominoLaws(Canonical.Engine);
