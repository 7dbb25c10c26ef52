using System.Numerics;
using BepuPhysics;
using BepuUtilities;

namespace PhysIntuition.Simulation.Bepu;

/// <summary>Gravity along -y, and spin that keeps its angular momentum.</summary>
internal struct Forces(float gravity) : IPoseIntegratorCallbacks
{
    private Vector<float> _fall;   // m/s within the coming substep

    public readonly AngularIntegrationMode AngularIntegrationMode =>
        AngularIntegrationMode.ConserveMomentum;

    public readonly bool AllowSubstepsForUnconstrainedBodies => true;

    public readonly bool IntegrateVelocityForKinematics => false;

    public readonly void Initialize(BepuPhysics.Simulation simulation)
    {
    }

    public void PrepareForIntegration(float dt) => _fall = new(gravity * dt);

    public readonly void IntegrateVelocity(
        Vector<int> bodyIndices, Vector3Wide position, QuaternionWide orientation, BodyInertiaWide localInertia,
        Vector<int> integrationMask, int workerIndex, Vector<float> dt, ref BodyVelocityWide velocity) =>
        velocity.Linear.Y -= _fall;
}
