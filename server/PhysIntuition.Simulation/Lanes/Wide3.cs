namespace PhysIntuition.Simulation.Lanes;

/// <summary>A packet of independent 3-vectors.</summary>
internal unsafe struct Wide3<V>(V x, V y, V z) where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public V X = x;
    public V Y = y;
    public V Z = z;

    public static Wide3<V> Zero => default;

    [MethodImpl(Inline)]
    public static Wide3<V> operator +(Wide3<V> a, Wide3<V> b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    [MethodImpl(Inline)]
    public static Wide3<V> operator -(Wide3<V> a, Wide3<V> b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    [MethodImpl(Inline)]
    public static Wide3<V> operator *(Wide3<V> a, V s) => new(a.X * s, a.Y * s, a.Z * s);

    /// <summary><c>a * s + c</c>, each component rounded once.</summary>
    [MethodImpl(Inline)]
    public static Wide3<V> Fma(Wide3<V> a, V s, Wide3<V> c) =>
        new(V.Fma(a.X, s, c.X), V.Fma(a.Y, s, c.Y), V.Fma(a.Z, s, c.Z));

    [MethodImpl(Inline)]
    public static V Dot(Wide3<V> a, Wide3<V> b) => V.Fma(a.X, b.X, V.Fma(a.Y, b.Y, a.Z * b.Z));

    /// <summary><c>a . b + c</c>, summed from the last component on.</summary>
    [MethodImpl(Inline)]
    public static V Dot(Wide3<V> a, Wide3<V> b, V c) => V.Fma(a.X, b.X, V.Fma(a.Y, b.Y, V.Fma(a.Z, b.Z, c)));

    /// <summary><c>a . b + c</c>, with few local variables; see <see cref="ILanes{V}.Dot(V*, V, V, V, V)"/>.</summary>
    [MethodImpl(Inline)]
    public static V Dot(Wide3<V>* a, in Wide3<V> b, V c) => V.Dot((V*)a, b.X, b.Y, b.Z, c);

    /// <summary><c>a . b</c>, with few local variables.</summary>
    [MethodImpl(Inline)]
    public static V Dot(Wide3<V>* a, in Wide3<V> b) => V.Dot((V*)a, b.X, b.Y, b.Z);

    /// <summary>Adds <c>a * s</c>, with few local variables.</summary>
    [MethodImpl(Inline)]
    public static void Add(ref Wide3<V> to, Wide3<V>* a, V s) => V.Add((V*)a, s, ref to.X, ref to.Y, ref to.Z);

    [MethodImpl(Inline)]
    public static Wide3<V> Cross(Wide3<V> a, Wide3<V> b) => new(
        V.Fma(a.Y, b.Z, -(a.Z * b.Y)),
        V.Fma(a.Z, b.X, -(a.X * b.Z)),
        V.Fma(a.X, b.Y, -(a.Y * b.X)));

    [MethodImpl(Inline)]
    public static Wide3<V> Select(V mask, Wide3<V> a, Wide3<V> b) =>
        new(V.Select(mask, a.X, b.X), V.Select(mask, a.Y, b.Y), V.Select(mask, a.Z, b.Z));
}

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
