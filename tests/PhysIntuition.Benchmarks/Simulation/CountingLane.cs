using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>The scalar twin that counts its arithmetic, so that a kernel tells what it costs.</summary>
/// <remarks>Fused multiply-adds count two; comparisons, selections and signs nothing. One thread only.</remarks>
internal readonly struct CountingLane(Lane1 value) : ILanes<CountingLane>
{
    private readonly Lane1 _value = value;

    public static long Operations { get; set; }

    public static int Count => 1;

    public static CountingLane Zero => default;

    public static CountingLane Splat(float value) => new(Lane1.Splat(value));

    public static unsafe CountingLane Load(float* source) => new(Lane1.Load(source));

    public static unsafe void Store(CountingLane value, float* destination) => Lane1.Store(value._value, destination);

    public static CountingLane operator +(CountingLane a, CountingLane b) => Counted(1, a._value + b._value);

    public static CountingLane operator -(CountingLane a, CountingLane b) => Counted(1, a._value - b._value);

    public static CountingLane operator -(CountingLane a) => new(-a._value);

    public static CountingLane operator *(CountingLane a, CountingLane b) => Counted(1, a._value * b._value);

    public static CountingLane operator /(CountingLane a, CountingLane b) => Counted(1, a._value / b._value);

    public static CountingLane Fma(CountingLane a, CountingLane b, CountingLane c) =>
        Counted(2, Lane1.Fma(a._value, b._value, c._value));

    public static CountingLane Min(CountingLane a, CountingLane b) => new(Lane1.Min(a._value, b._value));

    public static CountingLane Max(CountingLane a, CountingLane b) => new(Lane1.Max(a._value, b._value));

    public static CountingLane Abs(CountingLane a) => new(Lane1.Abs(a._value));

    public static CountingLane Sqrt(CountingLane a) => Counted(1, Lane1.Sqrt(a._value));

    public static CountingLane Floor(CountingLane a) => new(Lane1.Floor(a._value));

    public static CountingLane CopySign(CountingLane magnitude, CountingLane sign) =>
        new(Lane1.CopySign(magnitude._value, sign._value));

    public static CountingLane Greater(CountingLane a, CountingLane b) => new(Lane1.Greater(a._value, b._value));

    public static CountingLane Less(CountingLane a, CountingLane b) => new(Lane1.Less(a._value, b._value));

    public static CountingLane And(CountingLane m, CountingLane n) => new(Lane1.And(m._value, n._value));

    public static CountingLane Or(CountingLane m, CountingLane n) => new(Lane1.Or(m._value, n._value));

    public static CountingLane AndNot(CountingLane m, CountingLane n) => new(Lane1.AndNot(m._value, n._value));

    public static CountingLane Not(CountingLane m) => new(Lane1.Not(m._value));

    public static CountingLane Select(CountingLane mask, CountingLane a, CountingLane b) =>
        new(Lane1.Select(mask._value, a._value, b._value));

    public static bool Any(CountingLane mask) => Lane1.Any(mask._value);

    public static uint Bits(CountingLane mask) => Lane1.Bits(mask._value);

    public static CountingLane FromBits(uint bits) => new(Lane1.FromBits(bits));

    private static CountingLane Counted(int operations, Lane1 value)
    {
        Operations += operations;
        return new(value);
    }
}
