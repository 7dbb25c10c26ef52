using BepuPhysics;
using BepuPhysics.Collidables;
using BepuPhysics.CollisionDetection;
using BepuPhysics.Constraints;

namespace PhysIntuition.Simulation.Bepu;

/// <summary>What BepuPhysics asks about a pair that touches: geometric mean of friction, stiff springs.</summary>
internal struct Contacts(CollidableProperty<float> friction) : INarrowPhaseCallbacks
{
    private const float Frequency = 320f;      // Hz; softer contacts creep and topple towers that stand
    private const float Damping = 5f;          // of critical; up to a fifth of an impact's speed still comes back
    private const float FastestRecovery = 2f;  // m/s

    public readonly void Initialize(BepuPhysics.Simulation simulation) => friction.Initialize(simulation);

    public readonly bool AllowContactGeneration(
        int workerIndex, CollidableReference a, CollidableReference b, ref float speculativeMargin) =>
        a.Mobility == CollidableMobility.Dynamic || b.Mobility == CollidableMobility.Dynamic;

    public readonly bool AllowContactGeneration(
        int workerIndex, CollidablePair pair, int childIndexA, int childIndexB) => true;

    public readonly bool ConfigureContactManifold<TManifold>(
        int workerIndex, CollidablePair pair, ref TManifold manifold, out PairMaterialProperties material)
        where TManifold : unmanaged, IContactManifold<TManifold>
    {
        material = new()
        {
            // Per contact point: BepuPhysics multiplies it by the points' mean normal impulse, not by their sum.
            FrictionCoefficient = manifold.Count * MathF.Sqrt(friction[pair.A] * friction[pair.B]),
            MaximumRecoveryVelocity = FastestRecovery,
            SpringSettings = new(Frequency, Damping),
        };

        return true;
    }

    public readonly bool ConfigureContactManifold(
        int workerIndex, CollidablePair pair, int childIndexA, int childIndexB, ref ConvexContactManifold manifold) =>
        true;

    public readonly void Dispose() => friction.Dispose();
}
