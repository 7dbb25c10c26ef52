namespace PhysIntuition.Simulation.Lanes;

/// <summary>One lane: the scalar twin that defines the bits, and the text that GPU back ends translate.</summary>
/// <param name="value">The lane; as a mask, 1 is set and 0 is not.</param>
public readonly struct Lane1(float value) : ILanes<Lane1>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private readonly float _value = value;

    public static int Count => 1;

    public static Lane1 Zero => default;

    /// <summary>The number in the only lane.</summary>
    public float Value => _value;

    [MethodImpl(Inline)]
    public static Lane1 Splat(float value) => new(value);

    [MethodImpl(Inline)]
    public static unsafe Lane1 Load(float* source) => new(*source);

    [MethodImpl(Inline)]
    public static unsafe void Store(Lane1 value, float* destination) => *destination = value._value;

    [MethodImpl(Inline)]
    public static Lane1 operator +(Lane1 a, Lane1 b) => new(a._value + b._value);

    [MethodImpl(Inline)]
    public static Lane1 operator -(Lane1 a, Lane1 b) => new(a._value - b._value);

    [MethodImpl(Inline)]
    public static Lane1 operator -(Lane1 a) => new(-a._value);

    [MethodImpl(Inline)]
    public static Lane1 operator *(Lane1 a, Lane1 b) => new(a._value * b._value);

    [MethodImpl(Inline)]
    public static Lane1 operator /(Lane1 a, Lane1 b) => new(a._value / b._value);

    [MethodImpl(Inline)]
    public static Lane1 Fma(Lane1 a, Lane1 b, Lane1 c) => new(MathF.FusedMultiplyAdd(a._value, b._value, c._value));

    [MethodImpl(Inline)]
    public static unsafe Lane1 Dot(Lane1* a, Lane1 x, Lane1 y, Lane1 z, Lane1 c) => new(MathF.FusedMultiplyAdd(
        a[0]._value, x._value, MathF.FusedMultiplyAdd(
            a[1]._value, y._value, MathF.FusedMultiplyAdd(a[2]._value, z._value, c._value))));

    [MethodImpl(Inline)]
    public static unsafe Lane1 Dot(Lane1* a, Lane1 x, Lane1 y, Lane1 z) => new(MathF.FusedMultiplyAdd(
        a[0]._value, x._value, MathF.FusedMultiplyAdd(a[1]._value, y._value, a[2]._value * z._value)));

    [MethodImpl(Inline)]
    public static unsafe void Add(Lane1* a, Lane1 s, ref Lane1 x, ref Lane1 y, ref Lane1 z)
    {
        x = new(MathF.FusedMultiplyAdd(a[0]._value, s._value, x._value));
        y = new(MathF.FusedMultiplyAdd(a[1]._value, s._value, y._value));
        z = new(MathF.FusedMultiplyAdd(a[2]._value, s._value, z._value));
    }

    [MethodImpl(Inline)]
    public static Lane1 Min(Lane1 a, Lane1 b) => new(a._value < b._value ? a._value : b._value);

    [MethodImpl(Inline)]
    public static Lane1 Max(Lane1 a, Lane1 b) => new(a._value > b._value ? a._value : b._value);

    [MethodImpl(Inline)]
    public static Lane1 Abs(Lane1 a) => new(MathF.Abs(a._value));

    [MethodImpl(Inline)]
    public static Lane1 Sqrt(Lane1 a) => new(MathF.Sqrt(a._value));

    [MethodImpl(Inline)]
    public static Lane1 Floor(Lane1 a) => new(MathF.Floor(a._value));

    [MethodImpl(Inline)]
    public static Lane1 CopySign(Lane1 magnitude, Lane1 sign) => new(MathF.CopySign(magnitude._value, sign._value));

    [MethodImpl(Inline)]
    public static Lane1 Greater(Lane1 a, Lane1 b) => new(a._value > b._value ? 1f : 0f);

    [MethodImpl(Inline)]
    public static Lane1 Less(Lane1 a, Lane1 b) => new(a._value < b._value ? 1f : 0f);

    [MethodImpl(Inline)]
    public static Lane1 And(Lane1 m, Lane1 n) => new(m._value != 0f && n._value != 0f ? 1f : 0f);

    [MethodImpl(Inline)]
    public static Lane1 Or(Lane1 m, Lane1 n) => new(m._value != 0f || n._value != 0f ? 1f : 0f);

    [MethodImpl(Inline)]
    public static Lane1 AndNot(Lane1 m, Lane1 n) => new(m._value != 0f && n._value == 0f ? 1f : 0f);

    [MethodImpl(Inline)]
    public static Lane1 Not(Lane1 m) => new(m._value != 0f ? 0f : 1f);

    [MethodImpl(Inline)]
    public static Lane1 Select(Lane1 mask, Lane1 a, Lane1 b) => mask._value != 0f ? a : b;

    [MethodImpl(Inline)]
    public static bool Any(Lane1 mask) => mask._value != 0f;

    [MethodImpl(Inline)]
    public static uint Bits(Lane1 mask) => mask._value != 0f ? 1u : 0u;

    [MethodImpl(Inline)]
    public static Lane1 FromBits(uint bits) => new((bits & 1u) != 0 ? 1f : 0f);
}
