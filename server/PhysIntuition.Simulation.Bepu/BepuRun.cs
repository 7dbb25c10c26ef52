using System.Numerics;
using BepuPhysics;
using BepuPhysics.Collidables;
using BepuUtilities.Memory;
using PhysIntuition.Simulation.Bodies;
using BepuWorld = BepuPhysics.Simulation;
using Body = PhysIntuition.Simulation.Bodies.Body;

namespace PhysIntuition.Simulation.Bepu;

/// <summary>One world in a simulation of BepuPhysics, from its load to its end.</summary>
internal sealed class BepuRun : IDisposable
{
    private const int Substeps = 8;
    private const float GroundHalf = 200f, GroundDepth = 5f;   // m; the plane is the top of a slab
    private const double StepTime = 1.0 / BepuSimulator.StepsPerSecond;

    private readonly World _world;
    private readonly BepuWorld _simulation;
    private readonly BodyHandle[] _handles;   // of the bodies that are not fixed
    private int _stepNumber;

    public BepuRun(World world, BufferPool pool)
    {
        _world = world;
        _stepNumber = (int)Math.Round(world.Time * (double)BepuSimulator.StepsPerSecond);
        var friction = new CollidableProperty<float>(pool);
        _simulation = BepuWorld.Create(
            pool, new Contacts(friction), new Forces(world.Gravity), new SolveDescription(1, Substeps));
        _handles = new BodyHandle[world.Bodies.Count];
        for (var i = 0; i < _handles.Length; i++)
        {
            Add(i, world.Bodies[i], friction);
        }

        if (world.HasGround)
        {
            var slab = _simulation.Shapes.Add(new Box(2 * GroundHalf, 2 * GroundDepth, 2 * GroundHalf));
            var ground = _simulation.Statics.Add(new(new Vector3(0f, -GroundDepth, 0f), Quaternion.Identity, slab));
            friction.Allocate(ground) = world.GroundFriction;
        }
    }

    public void Step()
    {
        var (begin, end) = (_stepNumber * StepTime, (_stepNumber + 1) * StepTime);
        foreach (var push in _world.Pushes)
        {
            var overlap = Math.Min(end, push.Start + (double)push.Duration) - Math.Max(begin, push.Start);
            var isImpulse = push.Duration <= 0f && push.Start >= begin && push.Start < end;
            var share = isImpulse ? 1f : (float)Math.Max(overlap, 0);
            if (share > 0f && _world.Bodies[push.Body].Motion == Motion.Dynamic)
            {
                _simulation.Bodies[_handles[push.Body]].ApplyImpulse(push.Vector * share, push.Offset);
            }
        }

        _simulation.Timestep((float)StepTime);
        _stepNumber++;
    }

    /// <summary>Whether a push still acts or is to come.</summary>
    public bool HasPushesLeft() =>
        _world.Pushes.Exists(push => push.Start + (double)push.Duration >= _stepNumber * StepTime);

    /// <summary>Bit i: body i is dynamic and its centre is below its limit.</summary>
    public ulong Below(Func<int, float> limit)
    {
        var below = 0ul;
        for (var i = 0; i < _handles.Length; i++)
        {
            var isBelow = IsDynamic(i) && _simulation.Bodies[_handles[i]].Pose.Position.Y < limit(i);
            below |= isBelow ? 1ul << i : 0;
        }

        return below;
    }

    public bool IsSlow(double speed, double spin, ulong except)
    {
        for (var i = 0; i < _handles.Length; i++)
        {
            if (IsDynamic(i) && (except >> i & 1) == 0)
            {
                var velocity = _simulation.Bodies[_handles[i]].Velocity;
                if (velocity.Linear.Length() >= speed || velocity.Angular.Length() >= spin)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Copies the state back.</summary>
    public void Finish()
    {
        for (var i = 0; i < _handles.Length; i++)
        {
            var body = _world.Bodies[i];
            if (body.Motion == Motion.Fixed)
            {
                continue;
            }

            var reference = _simulation.Bodies[_handles[i]];
            body.Position = reference.Pose.Position;
            body.Orientation = reference.Pose.Orientation;
            body.LinearVelocity = reference.Velocity.Linear;
            body.AngularVelocity = reference.Velocity.Angular;
            _world.Bodies[i] = body;
        }

        _world.Time = (float)(_stepNumber * StepTime);
    }

    public void Dispose() => _simulation.Dispose();

    private bool IsDynamic(int body) => _world.Bodies[body].Motion == Motion.Dynamic;

    private void Add(int index, in Body body, CollidableProperty<float> friction)
    {
        var size = 2 * body.HalfExtents;
        var box = new Box(size.X, size.Y, size.Z);
        var shape = _simulation.Shapes.Add(box);
        if (body.Motion == Motion.Fixed)
        {
            friction.Allocate(_simulation.Statics.Add(new(body.Position, body.Orientation, shape))) = body.Friction;
            return;
        }

        var pose = new RigidPose(body.Position, body.Orientation);
        var velocity = new BodyVelocity(body.LinearVelocity, body.AngularVelocity);
        var neverSleeps = new BodyActivityDescription(-1f);
        var description = body.Motion == Motion.Kinematic
            ? BodyDescription.CreateKinematic(pose, velocity, shape, neverSleeps)
            : BodyDescription.CreateDynamic(pose, velocity, box.ComputeInertia(body.Mass), shape, neverSleeps);
        _handles[index] = _simulation.Bodies.Add(description);
        friction.Allocate(_handles[index]) = body.Friction;
    }
}
