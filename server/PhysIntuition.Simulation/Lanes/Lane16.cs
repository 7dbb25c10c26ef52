using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PhysIntuition.Simulation.Lanes;

/// <summary>Sixteen lanes in one 512-bit register.</summary>
/// <param name="value">The lanes; as a mask, all bits of a set lane are one.</param>
public struct Lane16(Vector512<float> value) : ILanes<Lane16>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private Vector512<float> _value = value;

    private static readonly Vector512<uint> s_laneBits =
        Vector512.Create(0x1u, 0x2u, 0x4u, 0x8u, 0x10u, 0x20u, 0x40u, 0x80u,
            0x100u, 0x200u, 0x400u, 0x800u, 0x1000u, 0x2000u, 0x4000u, 0x8000u);

    public static int Count => 16;

    public static Lane16 Zero => default;

    /// <summary>The register.</summary>
    public readonly Vector512<float> Value => _value;

    [MethodImpl(Inline)]
    public static Lane16 Splat(float value) => new(Vector512.Create(value));

    [MethodImpl(Inline)]
    public static unsafe Lane16 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(Inline)]
    public static unsafe void Store(Lane16 value, float* destination) => Vector512.Store(value._value, destination);

    [MethodImpl(Inline)]
    public static Lane16 operator +(Lane16 a, Lane16 b) => new(a._value + b._value);

    [MethodImpl(Inline)]
    public static Lane16 operator -(Lane16 a, Lane16 b) => new(a._value - b._value);

    [MethodImpl(Inline)]
    public static Lane16 operator -(Lane16 a) => new(-a._value);

    [MethodImpl(Inline)]
    public static Lane16 operator *(Lane16 a, Lane16 b) => new(a._value * b._value);

    [MethodImpl(Inline)]
    public static Lane16 operator /(Lane16 a, Lane16 b) => new(a._value / b._value);

    [MethodImpl(Inline)]
    public static Lane16 Fma(Lane16 a, Lane16 b, Lane16 c) =>
        new(Vector512.FusedMultiplyAdd(a._value, b._value, c._value));

    [MethodImpl(Inline)]
    public static unsafe Lane16 Dot(Lane16* a, Lane16 x, Lane16 y, Lane16 z, Lane16 c) =>
        new(Vector512.FusedMultiplyAdd(a[0]._value, x._value, Vector512.FusedMultiplyAdd(
            a[1]._value, y._value, Vector512.FusedMultiplyAdd(a[2]._value, z._value, c._value))));

    [MethodImpl(Inline)]
    public static unsafe Lane16 Dot(Lane16* a, Lane16 x, Lane16 y, Lane16 z) =>
        new(Vector512.FusedMultiplyAdd(a[0]._value, x._value, Vector512.FusedMultiplyAdd(
            a[1]._value, y._value, a[2]._value * z._value)));

    [MethodImpl(Inline)]
    public static unsafe void Add(Lane16* a, Lane16 s, ref Lane16 x, ref Lane16 y, ref Lane16 z)
    {
        x._value = Vector512.FusedMultiplyAdd(a[0]._value, s._value, x._value);
        y._value = Vector512.FusedMultiplyAdd(a[1]._value, s._value, y._value);
        z._value = Vector512.FusedMultiplyAdd(a[2]._value, s._value, z._value);
    }

    [MethodImpl(Inline)]
    public static Lane16 Min(Lane16 a, Lane16 b) => new(Vector512.MinNative(a._value, b._value));

    [MethodImpl(Inline)]
    public static Lane16 Max(Lane16 a, Lane16 b) => new(Vector512.MaxNative(a._value, b._value));

    [MethodImpl(Inline)]
    public static Lane16 Abs(Lane16 a) => new(Vector512.Abs(a._value));

    [MethodImpl(Inline)]
    public static Lane16 Sqrt(Lane16 a) => new(Vector512.Sqrt(a._value));

    [MethodImpl(Inline)]
    public static Lane16 Floor(Lane16 a) => new(Vector512.Floor(a._value));

    [MethodImpl(Inline)]
    public static Lane16 CopySign(Lane16 magnitude, Lane16 sign) =>
        new(Vector512.CopySign(magnitude._value, sign._value));

    [MethodImpl(Inline)]
    public static Lane16 Greater(Lane16 a, Lane16 b) => new(Vector512.GreaterThan(a._value, b._value));

    [MethodImpl(Inline)]
    public static Lane16 Less(Lane16 a, Lane16 b) => new(Vector512.LessThan(a._value, b._value));

    [MethodImpl(Inline)]
    public static Lane16 And(Lane16 m, Lane16 n) => new(m._value & n._value);

    [MethodImpl(Inline)]
    public static Lane16 Or(Lane16 m, Lane16 n) => new(m._value | n._value);

    [MethodImpl(Inline)]
    public static Lane16 AndNot(Lane16 m, Lane16 n) => new(Vector512.AndNot(m._value, n._value));

    [MethodImpl(Inline)]
    public static Lane16 Not(Lane16 m) => new(~m._value);

    [MethodImpl(Inline)]
    public static Lane16 Select(Lane16 mask, Lane16 a, Lane16 b) =>
        new(Vector512.ConditionalSelect(mask._value, a._value, b._value));

    [MethodImpl(Inline)]
    public static unsafe void Compress(Lane16 mask, Lane16 value, float* target)
    {
        if (Avx512F.IsSupported)
        {
            // Not its form that stores: that one runs in microcode on some processors.
            Vector512.Store(Avx512F.Compress(Vector512<float>.Zero, mask._value, value._value), target);
            return;
        }

        for (var rest = Bits(mask); rest != 0; rest &= rest - 1)
        {
            *target++ = value._value[System.Numerics.BitOperations.TrailingZeroCount(rest)];
        }
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static bool Any(Lane16 mask) => Vector512.ExtractMostSignificantBits(mask._value) != 0;

    [MethodImpl(Inline)]
    public static uint Bits(Lane16 mask) => (uint)Vector512.ExtractMostSignificantBits(mask._value);

    [MethodImpl(Inline)]
    public static Lane16 FromBits(uint bits) =>
        new((~Vector512.Equals(Vector512.Create(bits) & s_laneBits, Vector512<uint>.Zero)).AsSingle());
}
