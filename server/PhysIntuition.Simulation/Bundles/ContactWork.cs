namespace PhysIntuition.Simulation.Bundles;

/// <summary>Scratch of the collision stages; one aligned record, because the stages are not inlined.</summary>
internal struct ContactWork<V> where V : unmanaged, ILanes<V>
{
    /// <summary>Corners of B's face and crossings: in and out of each edge; then A's corners.</summary>
    public const int MaxCandidates = 12;

    public V IsNear;                // lanes in which the two bodies may touch in this step
    public V Margin;                // m, points further apart are left out
    public Wide3<V> Offset;         // from A's centre to B's
    public Wide3<V> Normal;
    public V Gap;                   // m along the normal, negative if they overlap
    public V Faces;                 // code of the reference and incident faces

    // Incident quadrilateral of B in the coordinates (along U, along V, along the normal) of A's reference face.
    public Wide3<V> FaceCentre;     // from A's centre to the reference face's
    public Wide3<V> AxisU;
    public Wide3<V> AxisV;
    public V HalfU;
    public V HalfV;
    public Wide3<V> QuadCentre;
    public Wide3<V> QuadU;
    public Wide3<V> QuadV;
    public V EdgeU;                 // half lengths of the incident face's edges
    public V EdgeV;

    public Cosines Cosine;          // A's axis i times B's axis j at 3 i + j
    public Cosines Magnitude;
    public Wide3<V> OffsetA;        // the offset along A's axes

    public CandidateList Candidates;
    public FoundList Found;         // packed: every lane's points come first
    public KnownList Known;         // the same contact's points of the step before

    /// <summary>Direction cosines.</summary>
    [InlineArray(9)]
    internal struct Cosines
    {
        private V _first;
    }

    /// <summary>Corners and crossings in the face's coordinates.</summary>
    [InlineArray(MaxCandidates)]
    internal struct CandidateList
    {
        private Candidate<V> _first;
    }

    /// <summary>Points of the contact.</summary>
    [InlineArray(WideContact<V>.MaxPoints)]
    internal struct FoundList
    {
        private FoundPoint<V> _first;
    }

    /// <summary>Points with their impulses.</summary>
    [InlineArray(WideContact<V>.MaxPoints)]
    internal struct KnownList
    {
        private KnownPoint<V> _first;
    }
}

/// <summary>A corner or crossing of two faces, in the coordinates of A's.</summary>
internal struct Candidate<V> where V : unmanaged, ILanes<V>
{
    public V AlongU;
    public V AlongV;
    public V Separation;
    public V Exists;
}

/// <summary>A point of contact as the collision stages find it.</summary>
internal struct FoundPoint<V> where V : unmanaged, ILanes<V>
{
    public Wide3<V> Place;          // m, from A's centre, or from B's on the ground
    public V Separation;            // m
    public V Feature;
    public V Exists;
}

/// <summary>What a point of the step before did.</summary>
internal struct KnownPoint<V> where V : unmanaged, ILanes<V>
{
    public Wide3<V> Friction;       // N·s, world, because the tangents may turn
    public V Normal;                // N·s
    public V Feature;
}
