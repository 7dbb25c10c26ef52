namespace PhysIntuition.Simulation.Bundles;

/// <summary>One contact of two bodies, or of one with the ground, in all lanes.</summary>
/// <remarks>The size, 277 packets, is odd: neighbours do not share cache sets.</remarks>
internal unsafe struct WideContact<V> where V : unmanaged, ILanes<V>
{
    /// <summary>Points of two touching faces at the most: the corners of a rectangle cut by a rectangle.</summary>
    public const int MaxPoints = 8;

    public Wide3<V> Normal;               // from body A, or the ground, to body B
    public Wide3<V> Tangent1;
    public Wide3<V> Tangent2;
    public V Friction;
    public V Restitution;
    public V Watched;                     // lanes in which an impact of this step needs care
    public PointList Points;
    public V Unused;

    /// <summary>One of its points.</summary>
    public static WidePoint<V>* Point(WideContact<V>* contact, int k) => (WidePoint<V>*)&contact->Points + k;

    /// <summary>The points, one after the other.</summary>
    [InlineArray(MaxPoints)]
    internal struct PointList
    {
        private WidePoint<V> _first;
    }
}

/// <summary>A point of a contact: three rows, what they weigh, and what they did.</summary>
internal struct WidePoint<V> where V : unmanaged, ILanes<V>
{
    public ContactRow<V> Normal;
    public ContactRow<V> Tangent1;
    public ContactRow<V> Tangent2;
    public V NormalMass;                  // kg, 0 where the lane has no such point
    public V TangentMass;                 // kg; one for both rows, so that friction opposes the slip itself
    public RowImpulses<V> Impulse;        // N·s per substep, the warm start of the next
    public V Separation;                  // m, when the step began
    public V Bias;                        // m/s, least separating speed wanted, negated
    public V Bounce;                      // m/s, wanted after an impact, else 0
    public V Feature;                     // which corner or crossing of which faces; -1 if none
    public RowImpulses<V> Saved;          // as for bodies
    public V X;                           // m, the point in the world
    public V Z;
    public V FirmMass;                    // of B alone per its mass, where B stands on A; else 0
}

/// <summary>One row of the solver: how a unit impulse along its direction turns both bodies.</summary>
/// <remarks>An arm is (r x direction) in the body's frame over the radii of gyration, without a unit.</remarks>
internal struct ContactRow<V> where V : unmanaged, ILanes<V>
{
    public Wide3<V> ArmA;
    public Wide3<V> ArmB;
}

/// <summary>One number for each row of a point.</summary>
internal struct RowImpulses<V> where V : unmanaged, ILanes<V>
{
    public V Normal;
    public V Tangent1;
    public V Tangent2;

    public static RowImpulses<V> Select(V mask, RowImpulses<V> a, RowImpulses<V> b)
    {
        RowImpulses<V> chosen;
        chosen.Normal = V.Select(mask, a.Normal, b.Normal);
        chosen.Tangent1 = V.Select(mask, a.Tangent1, b.Tangent1);
        chosen.Tangent2 = V.Select(mask, a.Tangent2, b.Tangent2);
        return chosen;
    }
}
