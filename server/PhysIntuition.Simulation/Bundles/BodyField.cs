namespace PhysIntuition.Simulation.Bundles;

/// <summary>Where a body's numbers lie in its record, counted in lane packets.</summary>
/// <remarks>
/// The solver's fields come first. Spin, turn and push are angular quantities in the body's frame at half step,
/// each axis scaled by its radius of gyration: an impulse then changes velocity and spin by the same inverse mass.
/// </remarks>
internal static class BodyField
{
    public const int Velocity = 0;              // m/s
    public const int Spin = 3;                  // m/s, radius of gyration times angular velocity, body frame
    public const int InverseMass = 6;           // 1/kg, 0 if not dynamic
    public const int Shift = 7;                 // m, since the step began
    public const int Turn = 10;                 // m, integral of spin since the step began
    public const int FreeVelocity = 13;         // m/s, before the contacts of this substep acted
    public const int FreeSpin = 16;             // m/s, the same for spin
    public const int Push = 19;                 // m/s², gravity and pushes
    public const int PushSpin = 22;             // m/s², pushes' effect on spin
    public const int Position = 25;             // m
    public const int Axes = 28;                 // the body's axes in the world, 3 x 3, one axis after the other
    public const int Frame = 37;                // the axes at half step over their radii of gyration, 1/m
    public const int HalfExtents = 46;          // m
    public const int Extents = 49;              // half the bounding box along the world's axes, m
    public const int Reach = 52;                // m, how far spinning carries a corner in one step
    public const int Orientation = 53;          // x, y, z, w
    public const int AngularVelocity = 57;      // rad/s, world
    public const int GyrationSquared = 60;      // m², of the three axes
    public const int InverseGyration = 63;      // 1/m
    public const int Friction = 66;
    public const int Restitution = 67;
    public const int IsDynamic = 68;            // 1 or 0
    public const int FallHeight = 69;           // m, a centre below it has fallen
    public const int Saved = 70;                // velocity and spin that extra passes must not change
    public const int Load = 76;                 // N·s, weight that a fresh world's body carries, and its x and z moment

    /// <summary>Packets per body; odd, so that neighbours do not share cache sets.</summary>
    public const int Count = 79;
}
