using System.Runtime.CompilerServices;

namespace PhysIntuition.Simulation.Lanes;

/// <summary>Three axes, one after the other.</summary>
internal unsafe struct Wide3x3<V> where V : unmanaged, ILanes<V>
{
    public Wide3<V> X;
    public Wide3<V> Y;
    public Wide3<V> Z;

    /// <summary>Axis 0, 1 or 2.</summary>
    public static Wide3<V>* Axis(Wide3x3<V>* axes, int k) => (Wide3<V>*)axes + k;

    /// <summary>How far a vector reaches along each axis.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide3<V> Along(Wide3x3<V>* axes, Wide3<V> v) =>
        new(Wide3<V>.Dot(axes->X, v), Wide3<V>.Dot(axes->Y, v), Wide3<V>.Dot(axes->Z, v));
}

/// <summary>A packet of rotations.</summary>
internal struct WideQuaternion<V> where V : unmanaged, ILanes<V>
{
    public V X;
    public V Y;
    public V Z;
    public V W;
}
