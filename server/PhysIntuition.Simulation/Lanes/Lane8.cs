using System.Runtime.Intrinsics;

namespace PhysIntuition.Simulation.Lanes;

/// <summary>Eight lanes in one 256-bit register.</summary>
/// <param name="value">The lanes; as a mask, all bits of a set lane are one.</param>
public struct Lane8(Vector256<float> value) : ILanes<Lane8>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private Vector256<float> _value = value;

    private static readonly Vector256<uint> s_laneBits =
        Vector256.Create(0x1u, 0x2u, 0x4u, 0x8u, 0x10u, 0x20u, 0x40u, 0x80u);

    public static int Count => 8;

    public static Lane8 Zero => default;

    /// <summary>The register.</summary>
    public readonly Vector256<float> Value => _value;

    [MethodImpl(Inline)]
    public static Lane8 Splat(float value) => new(Vector256.Create(value));

    [MethodImpl(Inline)]
    public static unsafe Lane8 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(Inline)]
    public static unsafe void Store(Lane8 value, float* destination) => Vector256.Store(value._value, destination);

    [MethodImpl(Inline)]
    public static Lane8 operator +(Lane8 a, Lane8 b) => new(a._value + b._value);

    [MethodImpl(Inline)]
    public static Lane8 operator -(Lane8 a, Lane8 b) => new(a._value - b._value);

    [MethodImpl(Inline)]
    public static Lane8 operator -(Lane8 a) => new(-a._value);

    [MethodImpl(Inline)]
    public static Lane8 operator *(Lane8 a, Lane8 b) => new(a._value * b._value);

    [MethodImpl(Inline)]
    public static Lane8 operator /(Lane8 a, Lane8 b) => new(a._value / b._value);

    [MethodImpl(Inline)]
    public static Lane8 Fma(Lane8 a, Lane8 b, Lane8 c) => new(Vector256.FusedMultiplyAdd(a._value, b._value, c._value));

    [MethodImpl(Inline)]
    public static unsafe Lane8 Dot(Lane8* a, Lane8 x, Lane8 y, Lane8 z, Lane8 c) =>
        new(Vector256.FusedMultiplyAdd(a[0]._value, x._value, Vector256.FusedMultiplyAdd(
            a[1]._value, y._value, Vector256.FusedMultiplyAdd(a[2]._value, z._value, c._value))));

    [MethodImpl(Inline)]
    public static unsafe Lane8 Dot(Lane8* a, Lane8 x, Lane8 y, Lane8 z) =>
        new(Vector256.FusedMultiplyAdd(a[0]._value, x._value, Vector256.FusedMultiplyAdd(
            a[1]._value, y._value, a[2]._value * z._value)));

    [MethodImpl(Inline)]
    public static unsafe void Add(Lane8* a, Lane8 s, ref Lane8 x, ref Lane8 y, ref Lane8 z)
    {
        x._value = Vector256.FusedMultiplyAdd(a[0]._value, s._value, x._value);
        y._value = Vector256.FusedMultiplyAdd(a[1]._value, s._value, y._value);
        z._value = Vector256.FusedMultiplyAdd(a[2]._value, s._value, z._value);
    }

    [MethodImpl(Inline)]
    public static Lane8 Min(Lane8 a, Lane8 b) => new(Vector256.MinNative(a._value, b._value));

    [MethodImpl(Inline)]
    public static Lane8 Max(Lane8 a, Lane8 b) => new(Vector256.MaxNative(a._value, b._value));

    [MethodImpl(Inline)]
    public static Lane8 Abs(Lane8 a) => new(Vector256.Abs(a._value));

    [MethodImpl(Inline)]
    public static Lane8 Sqrt(Lane8 a) => new(Vector256.Sqrt(a._value));

    [MethodImpl(Inline)]
    public static Lane8 Floor(Lane8 a) => new(Vector256.Floor(a._value));

    [MethodImpl(Inline)]
    public static Lane8 CopySign(Lane8 magnitude, Lane8 sign) => new(Vector256.CopySign(magnitude._value, sign._value));

    [MethodImpl(Inline)]
    public static Lane8 Greater(Lane8 a, Lane8 b) => new(Vector256.GreaterThan(a._value, b._value));

    [MethodImpl(Inline)]
    public static Lane8 Less(Lane8 a, Lane8 b) => new(Vector256.LessThan(a._value, b._value));

    [MethodImpl(Inline)]
    public static Lane8 And(Lane8 m, Lane8 n) => new(m._value & n._value);

    [MethodImpl(Inline)]
    public static Lane8 Or(Lane8 m, Lane8 n) => new(m._value | n._value);

    [MethodImpl(Inline)]
    public static Lane8 AndNot(Lane8 m, Lane8 n) => new(Vector256.AndNot(m._value, n._value));

    [MethodImpl(Inline)]
    public static Lane8 Not(Lane8 m) => new(~m._value);

    [MethodImpl(Inline)]
    public static Lane8 Select(Lane8 mask, Lane8 a, Lane8 b) =>
        new(Vector256.ConditionalSelect(mask._value, a._value, b._value));

    [MethodImpl(Inline)]
    public static bool Any(Lane8 mask) => Vector256.ExtractMostSignificantBits(mask._value) != 0;

    [MethodImpl(Inline)]
    public static uint Bits(Lane8 mask) => Vector256.ExtractMostSignificantBits(mask._value);

    [MethodImpl(Inline)]
    public static Lane8 FromBits(uint bits) =>
        new((~Vector256.Equals(Vector256.Create(bits) & s_laneBits, Vector256<uint>.Zero)).AsSingle());
}
