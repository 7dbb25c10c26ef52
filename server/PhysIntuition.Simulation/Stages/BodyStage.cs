using System.Runtime.CompilerServices;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Stages;

/// <summary>Moves bodies: what begins and ends a step, and the two integrations of a substep.</summary>
/// <remarks>
/// <para>Layout: one call handles one bundle; the inner loop runs over its bodies.</para>
/// <para>Stages: 1 begin, per substep 2 accelerate and 3 move, 4 end.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>
/// Source: angular momentum is carried from step to step and turned into spin at the predicted half-step
/// orientation, the explicit midpoint rule for Euler's equations of a free body.
/// </para>
/// </remarks>
internal static unsafe class BodyStage<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Stage = MethodImplOptions.NoInlining;

    private const float Nothing = 1e-10f;   // m/s; rest decays towards subnormal numbers, a hundred times slower

    /// <summary>Prepares each body's frame, spin and bounding box from its state.</summary>
    public static void Begin(Bundle<V> bundle)
    {
        var halfStep = V.Splat(0.5f * bundle.Settings.Step);
        var step = V.Splat(bundle.Settings.Step);
        for (var i = 0; i < bundle.BodyCount; i++)
        {
            BeginFrame(bundle.Body(i), halfStep);
            BeginSpin(bundle.Body(i), step);
        }
    }

    /// <summary>Velocity of the substep's start: forces, and the contact impulses of the substep before.</summary>
    [MethodImpl(Stage)]
    public static void Accelerate(Bundle<V> bundle)
    {
        var h = V.Splat(bundle.Settings.Substep);
        for (var i = 0; i < bundle.BodyCount; i++)
        {
            var o = bundle.Body(i);
            for (var k = 0; k < 6; k++)
            {
                // Warm start: what the contacts did last time, they are expected to do again.
                var fromContacts = o[BodyField.Velocity + k] - o[BodyField.FreeVelocity + k];
                var free = V.Fma(o[BodyField.Push + k], h, o[BodyField.Velocity + k]);
                o[BodyField.FreeVelocity + k] = free;
                var sum = free + fromContacts;
                o[BodyField.Velocity + k] = V.Select(V.Less(V.Abs(sum), V.Splat(Nothing)), V.Zero, sum);
            }
        }
    }

    /// <summary>Moves with the new velocity; the old one would add energy.</summary>
    [MethodImpl(Stage)]
    public static void Move(Bundle<V> bundle)
    {
        var h = V.Splat(bundle.Settings.Substep);
        for (var i = 0; i < bundle.BodyCount; i++)
        {
            var o = bundle.Body(i);
            for (var k = 0; k < 6; k++)
            {
                o[BodyField.Shift + k] = V.Fma(o[BodyField.Velocity + k], h, o[BodyField.Shift + k]);
            }
        }
    }

    /// <summary>Writes the step's motion into position, orientation and angular velocity.</summary>
    public static void End(Bundle<V> bundle)
    {
        for (var i = 0; i < bundle.BodyCount; i++)
        {
            EndPose(bundle.Body(i));
            ComputeAxes(bundle.Body(i));
            EndSpin(bundle.Body(i));
        }
    }

    /// <summary>The rotation matrix of the orientation, a pure function of it.</summary>
    [MethodImpl(Stage)]
    public static void ComputeAxes(V* o)
    {
        var q = o + BodyField.Orientation;
        StoreAxes(q[0], q[1], q[2], q[3], o + BodyField.Axes);
    }

    private static void StoreAxes(V x, V y, V z, V w, V* axes)
    {
        var one = V.Splat(1f);
        var x2 = x + x;
        var y2 = y + y;
        var z2 = z + z;
        var xx = x * x2;
        var yy = y * y2;
        var zz = z * z2;
        axes[0] = one - (yy + zz);
        axes[1] = V.Fma(x, y2, w * z2);
        axes[2] = V.Fma(x, z2, -(w * y2));
        axes[3] = V.Fma(x, y2, -(w * z2));
        axes[4] = one - (xx + zz);
        axes[5] = V.Fma(y, z2, w * x2);
        axes[6] = V.Fma(x, z2, w * y2);
        axes[7] = V.Fma(y, z2, -(w * x2));
        axes[8] = one - (xx + yy);
    }

    [MethodImpl(Stage)]
    private static void BeginFrame(V* o, V halfStep)
    {
        // q + (h/2) (omega, 0) q / 2 is the orientation half a step ahead.
        var q = o + BodyField.Orientation;
        var half = V.Splat(0.5f) * halfStep;
        var wx = o[BodyField.AngularVelocity] * half;
        var wy = o[BodyField.AngularVelocity + 1] * half;
        var wz = o[BodyField.AngularVelocity + 2] * half;
        Turned(q, wx, wy, wz, out var x, out var y, out var z, out var w);
        StoreAxes(x, y, z, w, o + BodyField.Frame);
        for (var k = 0; k < 3; k++)
        {
            var inverse = o[BodyField.InverseGyration + k];
            var axis = o + BodyField.Frame + (3 * k);
            axis[0] *= inverse;
            axis[1] *= inverse;
            axis[2] *= inverse;
        }
    }

    /// <summary>Quaternion (v, 1) q, normalised: a rotation by twice the arctangent of |v|.</summary>
    private static void Turned(V* q, V vx, V vy, V vz, out V x, out V y, out V z, out V w)
    {
        x = V.Fma(vx, q[3], V.Fma(vy, q[2], V.Fma(-vz, q[1], q[0])));
        y = V.Fma(vy, q[3], V.Fma(vz, q[0], V.Fma(-vx, q[2], q[1])));
        z = V.Fma(vz, q[3], V.Fma(vx, q[1], V.Fma(-vy, q[0], q[2])));
        w = q[3] - V.Fma(vx, q[0], V.Fma(vy, q[1], vz * q[2]));
        var scale = V.Splat(1f) / V.Sqrt(V.Fma(x, x, V.Fma(y, y, V.Fma(z, z, w * w))));
        x *= scale;
        y *= scale;
        z *= scale;
        w *= scale;
    }

    [MethodImpl(Stage)]
    private static void BeginSpin(V* o, V step)
    {
        var omega = Wide3<V>.Load(o + BodyField.AngularVelocity);
        var momentum = new Wide3<V>(V.Zero, V.Zero, V.Zero);
        var extents = momentum;
        var half = Wide3<V>.Load(o + BodyField.HalfExtents);
        var spinSum = V.Zero;
        for (var k = 0; k < 3; k++)
        {
            var axis = Wide3<V>.Load(o + BodyField.Axes + (3 * k));
            momentum = Wide3<V>.Fma(axis, o[BodyField.GyrationSquared + k] * Wide3<V>.Dot(axis, omega), momentum);
            var h = o[BodyField.HalfExtents + k];
            extents = new Wide3<V>(
                V.Fma(V.Abs(axis.X), h, extents.X),
                V.Fma(V.Abs(axis.Y), h, extents.Y),
                V.Fma(V.Abs(axis.Z), h, extents.Z));
        }

        Wide3<V>.Store(extents, o + BodyField.Extents);
        for (var k = 0; k < 3; k++)
        {
            var spin = Wide3<V>.Dot(Wide3<V>.Load(o + BodyField.Frame + (3 * k)), momentum);
            o[BodyField.Spin + k] = spin;
            spinSum += V.Abs(spin);
            o[BodyField.Shift + k] = V.Zero;
            o[BodyField.Turn + k] = V.Zero;
        }

        for (var k = 0; k < 6; k++)
        {
            o[BodyField.FreeVelocity + k] = o[BodyField.Velocity + k];
        }

        // A corner's distance from an axis is at most sqrt(3) radii of gyration about it.
        o[BodyField.Reach] = spinSum * V.Splat(1.7320508f) * step;
    }

    [MethodImpl(Stage)]
    private static void EndPose(V* o)
    {
        var turn = new Wide3<V>(V.Zero, V.Zero, V.Zero);
        for (var k = 0; k < 3; k++)
        {
            turn = Wide3<V>.Fma(Wide3<V>.Load(o + BodyField.Frame + (3 * k)), o[BodyField.Turn + k], turn);
            o[BodyField.Position + k] += o[BodyField.Shift + k];
        }

        // tan(a/2) = a/2 (1 + a²/12 + ...): the quaternion then turns by a to fifth order.
        var scale = V.Fma(Wide3<V>.Dot(turn, turn), V.Splat(1f / 24f), V.Splat(0.5f));
        var q = o + BodyField.Orientation;
        Turned(q, turn.X * scale, turn.Y * scale, turn.Z * scale, out var x, out var y, out var z, out var w);
        q[0] = x;
        q[1] = y;
        q[2] = z;
        q[3] = w;
    }

    [MethodImpl(Stage)]
    private static void EndSpin(V* o)
    {
        var momentum = new Wide3<V>(V.Zero, V.Zero, V.Zero);
        for (var k = 0; k < 3; k++)
        {
            var axis = Wide3<V>.Load(o + BodyField.Frame + (3 * k));
            momentum = Wide3<V>.Fma(axis, o[BodyField.GyrationSquared + k] * o[BodyField.Spin + k], momentum);
        }

        var omega = new Wide3<V>(V.Zero, V.Zero, V.Zero);
        for (var k = 0; k < 3; k++)
        {
            var axis = Wide3<V>.Load(o + BodyField.Axes + (3 * k));
            var inverse = o[BodyField.InverseGyration + k];
            omega = Wide3<V>.Fma(axis, inverse * inverse * Wide3<V>.Dot(axis, momentum), omega);
        }

        Wide3<V>.Store(omega, o + BodyField.AngularVelocity);
    }
}
