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
        var halfStep = V.Splat(0.5f * EngineConstants.Step);
        var step = V.Splat(EngineConstants.Step);
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
        var h = V.Splat(EngineConstants.Substep);
        for (var i = 0; i < bundle.BodyCount; i++)
        {
            var o = bundle.Body(i);
            V* motion = Twist<V>.Parts(&o->Motion), free = Twist<V>.Parts(&o->FreeMotion),
                push = Twist<V>.Parts(&o->Push);
            for (var k = 0; k < Twist<V>.Count; k++)
            {
                // Warm start: what the contacts did last time, they are expected to do again.
                var fromContacts = motion[k] - free[k];
                free[k] = V.Fma(push[k], h, motion[k]);
                var sum = free[k] + fromContacts;
                motion[k] = V.Select(V.Less(V.Abs(sum), V.Splat(Nothing)), V.Zero, sum);
            }
        }
    }

    /// <summary>Moves with the new velocity; the old one would add energy.</summary>
    [MethodImpl(Stage)]
    public static void Move(Bundle<V> bundle)
    {
        var h = V.Splat(EngineConstants.Substep);
        for (var i = 0; i < bundle.BodyCount; i++)
        {
            var o = bundle.Body(i);
            V* motion = Twist<V>.Parts(&o->Motion), shift = Twist<V>.Parts(&o->Shift);
            for (var k = 0; k < Twist<V>.Count; k++)
            {
                shift[k] = V.Fma(motion[k], h, shift[k]);
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
    public static void ComputeAxes(WideBody<V>* o) => o->Axes = AxesOf(o->Orientation);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Wide3x3<V> AxesOf(WideQuaternion<V> q)
    {
        var (x, y, z, w) = (q.X, q.Y, q.Z, q.W);
        var one = V.Splat(1f);
        var x2 = x + x;
        var y2 = y + y;
        var z2 = z + z;
        var xx = x * x2;
        var yy = y * y2;
        var zz = z * z2;
        Wide3x3<V> axes;
        axes.X = new(one - (yy + zz), V.Fma(x, y2, w * z2), V.Fma(x, z2, -(w * y2)));
        axes.Y = new(V.Fma(x, y2, -(w * z2)), one - (xx + zz), V.Fma(y, z2, w * x2));
        axes.Z = new(V.Fma(x, z2, w * y2), V.Fma(y, z2, -(w * x2)), one - (xx + yy));
        return axes;
    }

    [MethodImpl(Stage)]
    private static void BeginFrame(WideBody<V>* o, V halfStep)
    {
        // q + (h/2) (omega, 0) q / 2 is the orientation half a step ahead.
        var frame = AxesOf(Turned(o->Orientation, o->AngularVelocity * (V.Splat(0.5f) * halfStep)));
        o->Frame.X = frame.X * o->InverseGyration.X;
        o->Frame.Y = frame.Y * o->InverseGyration.Y;
        o->Frame.Z = frame.Z * o->InverseGyration.Z;
    }

    /// <summary>Quaternion (v, 1) q, normalised: a rotation by twice the arctangent of |v|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WideQuaternion<V> Turned(WideQuaternion<V> q, Wide3<V> v)
    {
        WideQuaternion<V> turned;
        turned.X = V.Fma(v.X, q.W, V.Fma(v.Y, q.Z, V.Fma(-v.Z, q.Y, q.X)));
        turned.Y = V.Fma(v.Y, q.W, V.Fma(v.Z, q.X, V.Fma(-v.X, q.Z, q.Y)));
        turned.Z = V.Fma(v.Z, q.W, V.Fma(v.X, q.Y, V.Fma(-v.Y, q.X, q.Z)));
        turned.W = q.W - V.Fma(v.X, q.X, V.Fma(v.Y, q.Y, v.Z * q.Z));
        var squared = V.Fma(turned.X, turned.X,
            V.Fma(turned.Y, turned.Y, V.Fma(turned.Z, turned.Z, turned.W * turned.W)));
        var scale = V.Splat(1f) / V.Sqrt(squared);
        turned.X *= scale;
        turned.Y *= scale;
        turned.Z *= scale;
        turned.W *= scale;
        return turned;
    }

    [MethodImpl(Stage)]
    private static void BeginSpin(WideBody<V>* o, V step)
    {
        var (momentum, extents) = (Wide3<V>.Zero, Wide3<V>.Zero);
        V* gyration = (V*)&o->GyrationSquared, half = (V*)&o->HalfExtents;
        for (var k = 0; k < 3; k++)
        {
            var axis = *Wide3x3<V>.Axis(&o->Axes, k);
            momentum = Wide3<V>.Fma(axis, gyration[k] * Wide3<V>.Dot(axis, o->AngularVelocity), momentum);
            extents = Wide3<V>.Fma(new(V.Abs(axis.X), V.Abs(axis.Y), V.Abs(axis.Z)), half[k], extents);
        }

        o->Extents = extents;
        var spin = Wide3x3<V>.Along(&o->Frame, momentum);
        o->Motion.Spin = spin;
        o->Shift = default;
        o->FreeMotion = o->Motion;

        // A corner's distance from an axis is at most sqrt(3) radii of gyration about it.
        var spinSum = V.Abs(spin.X) + V.Abs(spin.Y) + V.Abs(spin.Z);
        o->Reach = spinSum * V.Splat(1.7320508f) * step;
    }

    [MethodImpl(Stage)]
    private static void EndPose(WideBody<V>* o)
    {
        var turn = Wide3<V>.Zero;
        var spin = (V*)&o->Shift.Spin;
        for (var k = 0; k < 3; k++)
        {
            turn = Wide3<V>.Fma(*Wide3x3<V>.Axis(&o->Frame, k), spin[k], turn);
        }

        o->Position += o->Shift.Velocity;

        // tan(a/2) = a/2 (1 + a²/12 + ...): the quaternion then turns by a to fifth order.
        var scale = V.Fma(Wide3<V>.Dot(turn, turn), V.Splat(1f / 24f), V.Splat(0.5f));
        o->Orientation = Turned(o->Orientation, turn * scale);
    }

    [MethodImpl(Stage)]
    private static void EndSpin(WideBody<V>* o)
    {
        V* gyration = (V*)&o->GyrationSquared, inverse = (V*)&o->InverseGyration, spin = (V*)&o->Motion.Spin;
        var momentum = Wide3<V>.Zero;
        for (var k = 0; k < 3; k++)
        {
            momentum = Wide3<V>.Fma(*Wide3x3<V>.Axis(&o->Frame, k), gyration[k] * spin[k], momentum);
        }

        var omega = Wide3<V>.Zero;
        for (var k = 0; k < 3; k++)
        {
            var axis = *Wide3x3<V>.Axis(&o->Axes, k);
            omega = Wide3<V>.Fma(axis, inverse[k] * inverse[k] * Wide3<V>.Dot(axis, momentum), omega);
        }

        o->AngularVelocity = omega;
    }
}
