using System.Runtime.CompilerServices;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Bundles;

/// <summary>Scratch of the collision stages; one aligned record, because the stages are not inlined.</summary>
internal struct ContactWork<V> where V : unmanaged, ILanes<V>
{
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

    public Cosines<V> Cosine;       // A's axis i times B's axis j at 3 i + j
    public Cosines<V> Magnitude;
    public Wide3<V> OffsetA;        // the offset along A's axes

    public Candidates<V> Candidate;
    public Points<V> Point;         // packed: every lane's points come first
    public Points<V> Known;         // the same contact's points of the step before

    /// <summary>Direction cosines.</summary>
    [InlineArray(9)]
    internal struct Cosines<T>
    {
        private T _first;
    }

    /// <summary>Corners and crossings: x, y, separation, and whether it exists.</summary>
    [InlineArray(4 * 12)]
    internal struct Candidates<T>
    {
        private T _first;
    }

    /// <summary>Per point: position 3, separation, feature, exists; of known points: impulse 3 world, normal.</summary>
    [InlineArray(6 * ContactField.MaxPoints)]
    internal struct Points<T>
    {
        private T _first;
    }
}
