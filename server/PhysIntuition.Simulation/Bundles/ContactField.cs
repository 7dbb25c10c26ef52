namespace PhysIntuition.Simulation.Bundles;

/// <summary>Where a contact's numbers lie in its record, counted in lane packets.</summary>
internal static class ContactField
{
    /// <summary>Most points of two touching faces: the corners of a rectangle cut by a rectangle.</summary>
    public const int MaxPoints = 8;

    public const int Normal = 0;                // from body A (or the ground) to body B
    public const int Tangent1 = 3;
    public const int Tangent2 = 6;
    public const int Friction = 9;
    public const int Restitution = 10;
    public const int Watched = 11;              // lanes in which an impact of this step needs care

    /// <summary>The points follow the header.</summary>
    public const int Header = 12;

    // Per point. A row's arm is (r x direction) in the body's frame over the radii of gyration.
    public const int NormalArmA = 0;
    public const int NormalArmB = 3;
    public const int TangentArmsA = 6;          // two rows
    public const int TangentArmsB = 12;         // two rows
    public const int NormalMass = 18;           // kg, 0 where the lane has no such point
    public const int TangentMass = 19;          // kg; one for both rows, so that friction opposes the slip itself
    public const int NormalImpulse = 20;        // N·s per substep, the warm start of the next
    public const int TangentImpulse1 = 21;
    public const int TangentImpulse2 = 22;
    public const int Separation = 23;           // m, when the step began
    public const int Bias = 24;                 // m/s, least separating speed wanted, negated
    public const int Bounce = 25;               // m/s, wanted after an impact, else 0
    public const int Feature = 26;              // which corner or crossing of which faces; -1 if none
    public const int Saved = 27;                // three impulses, as for bodies
    public const int PlaceX = 30;               // m, the point in the world
    public const int PlaceZ = 31;
    public const int FirmMass = 32;             // of B alone per its mass, where B stands on A; else 0
    public const int PointCount = 33;

    /// <summary>Packets per contact; odd, so that neighbours do not share cache sets.</summary>
    public const int Count = Header + (MaxPoints * PointCount) + 1;
}
