using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Tests;

/// <summary>Every operation of a wide packet gives each lane what the scalar twin gives.</summary>
public sealed unsafe class LaneTwinTests
{
    private static readonly float[] s_special =
    [
        0f, -0f, 1f, -1f, 0.5f, 3e38f, -3e38f, 1e-39f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 7.5f,
    ];

    [Fact]
    public void Operations_OfEightLanes_AreTheScalarTwins() => Compare<Lane8>();

    [Fact]
    public void Operations_OfSixteenLanes_AreTheScalarTwins() => Compare<Lane16>();

    private static void Compare<V>() where V : unmanaged, ILanes<V>
    {
        var random = new RandomStream(11);
        var inputs = stackalloc float[3 * 16];
        for (var round = 0; round < 500; round++)
        {
            for (var i = 0; i < 3 * 16; i++)
            {
                inputs[i] = random.NextInt(0, 3) == 0
                    ? s_special[random.NextInt(0, s_special.Length)] : random.NextFloat(-10f, 10f);
            }

            CompareRound<V>(inputs, inputs + 16, inputs + 32);
        }
    }

    private static void CompareRound<V>(float* a, float* b, float* c) where V : unmanaged, ILanes<V>
    {
        V x = V.Load(a), y = V.Load(b), z = V.Load(c);
        var m = V.Greater(x, y);
        var n = V.Less(y, z);
        var wide = stackalloc V[] { y, z, x };
        var one = stackalloc Lane1[3];
        for (var lane = 0; lane < V.Count; lane++)
        {
            Lane1 p = Lane1.Splat(a[lane]), q = Lane1.Splat(b[lane]), r = Lane1.Splat(c[lane]);
            var g = Lane1.Greater(p, q);
            var h = Lane1.Less(q, r);
            Same(p + q, x + y, lane);
            Same(p - q, x - y, lane);
            Same(-p, -x, lane);
            Same(p * q, x * y, lane);
            Same(p / q, x / y, lane);
            Same(Lane1.Fma(p, q, r), V.Fma(x, y, z), lane);
            (one[0], one[1], one[2]) = (q, r, p);
            Same(Lane1.Dot(one, p, q, r), V.Dot(wide, x, y, z), lane);
            Same(Lane1.Dot(one, p, q, r, q), V.Dot(wide, x, y, z, y), lane);
            Lane1 u = p, v = q, w = r;
            V wideU = x, wideV = y, wideW = z;
            Lane1.Add(one, r, ref u, ref v, ref w);
            V.Add(wide, z, ref wideU, ref wideV, ref wideW);
            Same(u, wideU, lane);
            Same(v, wideV, lane);
            Same(w, wideW, lane);
            Same(Lane1.Min(p, q), V.Min(x, y), lane);
            Same(Lane1.Max(p, q), V.Max(x, y), lane);
            Same(Lane1.Abs(p), V.Abs(x), lane);
            Same(Lane1.Sqrt(p), V.Sqrt(x), lane);
            Same(Lane1.Floor(p), V.Floor(x), lane);
            Same(Lane1.CopySign(p, q), V.CopySign(x, y), lane);
            Same(Lane1.Select(g, p, q), V.Select(m, x, y), lane);
            Assert.Equal(Lane1.Bits(g), V.Bits(m) >> lane & 1);
            Assert.Equal(Lane1.Bits(Lane1.And(g, h)), V.Bits(V.And(m, n)) >> lane & 1);
            Assert.Equal(Lane1.Bits(Lane1.Or(g, h)), V.Bits(V.Or(m, n)) >> lane & 1);
            Assert.Equal(Lane1.Bits(Lane1.AndNot(g, h)), V.Bits(V.AndNot(m, n)) >> lane & 1);
            Assert.Equal(Lane1.Bits(Lane1.Not(g)), V.Bits(V.Not(m)) >> lane & 1);
        }

        var packed = stackalloc float[V.Count];
        V.Compress(m, y, packed);
        for (int lane = 0, next = 0; lane < V.Count; lane++)
        {
            if ((V.Bits(m) >> lane & 1) != 0)
            {
                Assert.Equal(BitConverter.SingleToUInt32Bits(b[lane]), BitConverter.SingleToUInt32Bits(packed[next++]));
            }
        }

        Assert.Equal(V.Bits(m), V.Bits(V.FromBits(V.Bits(m))));
        Assert.Equal(V.Bits(m) != 0, V.Any(m));
    }

    /// <summary>Bit for bit, except that any non-number equals any other.</summary>
    private static void Same<V>(Lane1 expected, V actual, int lane) where V : unmanaged, ILanes<V>
    {
        var values = stackalloc float[16];
        V.Store(actual, values);
        var bits = BitConverter.SingleToUInt32Bits(values[lane]);
        var areNumberless = float.IsNaN(expected.Value) && float.IsNaN(values[lane]);
        Assert.True(areNumberless || BitConverter.SingleToUInt32Bits(expected.Value) == bits,
            $"{expected.Value:G9} is not {values[lane]:G9}");
    }
}
