namespace PhysIntuition.Simulation.Bundles;

/// <summary>One body in all lanes; the solver's fields come first.</summary>
/// <remarks>
/// Spin is the angular part of a twist: angular velocity in the body's frame at half step, each axis times its radius
/// of gyration. An impulse then changes velocity and spin by the same inverse mass. The size, 79 packets, is odd:
/// neighbours do not share cache sets.
/// </remarks>
internal struct WideBody<V> where V : unmanaged, ILanes<V>
{
    public Twist<V> Motion;               // m/s
    public V InverseMass;                 // 1/kg, 0 if not dynamic
    public Twist<V> Shift;                // m, the motion's integral since the step began
    public Twist<V> FreeMotion;           // m/s, before the contacts of this substep acted
    public Twist<V> Push;                 // m/s², gravity and pushes
    public Wide3<V> Position;             // m
    public Wide3x3<V> Axes;               // the body's axes in the world
    public Wide3x3<V> Frame;              // the axes at half step over their radii of gyration, 1/m
    public Wide3<V> HalfExtents;          // m
    public Wide3<V> Extents;              // half the bounding box along the world's axes, m
    public V Reach;                       // m, how far spinning carries a corner in one step
    public WideQuaternion<V> Orientation;
    public Wide3<V> AngularVelocity;      // rad/s, world
    public Wide3<V> GyrationSquared;      // m², of the three axes
    public Wide3<V> InverseGyration;      // 1/m
    public V Friction;
    public V Restitution;
    public V IsDynamic;                   // 1 or 0
    public V FallHeight;                  // m, a centre below it has fallen
    public Twist<V> Saved;                // motion that extra passes must not change
    public V Load;                        // N·s, weight that a fresh world's body carries,
    public V LoadX;                       // and its moments
    public V LoadZ;
}

/// <summary>How a body moves: six numbers in a row.</summary>
internal unsafe struct Twist<V> where V : unmanaged, ILanes<V>
{
    public const int Count = 6;

    public Wide3<V> Velocity;             // of the centre
    public Wide3<V> Spin;

    /// <summary>The six numbers, for stages that treat them alike.</summary>
    public static V* Parts(Twist<V>* twist) => (V*)twist;

    public static Twist<V> Select(V mask, Twist<V> a, Twist<V> b)
    {
        Twist<V> chosen;
        chosen.Velocity = Wide3<V>.Select(mask, a.Velocity, b.Velocity);
        chosen.Spin = Wide3<V>.Select(mask, a.Spin, b.Spin);
        return chosen;
    }
}
