namespace PhysIntuition.Rendering.Stages;

/// <content>Small functions over lanes that the stages share.</content>
internal static unsafe partial class PixelKernel<V>
{
    [MethodImpl(Inline)]
    private static V Saturate(V a) => V.Min(V.Max(a, V.Zero), V.Splat(1f));

    /// <summary>3 x² - 2 x³: from 0 to 1 with flat ends.</summary>
    [MethodImpl(Inline)]
    private static V Smooth(V x) => x * x * V.Fma(V.Splat(-2f), x, V.Splat(3f));

    [MethodImpl(Inline)]
    private static V Mix(V a, V b, V part) => V.Fma(part, b - a, a);

    [MethodImpl(Inline)]
    private static V Mix(float a, float b, V part) => V.Fma(part, V.Splat(b - a), V.Splat(a));

    [MethodImpl(Inline)]
    private static V Fraction(V x) => x - V.Floor(x);

    [MethodImpl(Inline)]
    private static V At(Linear* line, V x, V y) =>
        V.Fma(V.Splat(line->Y), y, V.Fma(V.Splat(line->X), x, V.Splat(line->Base)));

    [MethodImpl(Inline)]
    private static V Dot(Triple* a, V x, V y, V z) =>
        V.Fma(V.Splat(a->Z), z, V.Fma(V.Splat(a->Y), y, V.Splat(a->X) * x));

    /// <summary>(U, V, W) times the local vector: from a block's axes to the world's.</summary>
    [MethodImpl(Inline)]
    private static V Outward(float u, float v, float w, V x, V y, V z) =>
        V.Fma(V.Splat(u), x, V.Fma(V.Splat(v), y, V.Splat(w) * z));

    [MethodImpl(Inline)]
    private static BlockRecord* Block(SceneRecord* scene, int index) => (BlockRecord*)(scene + 1) + index;

    /// <summary>Mask: where the block is seen.</summary>
    [MethodImpl(Inline)]
    private static V Sees(int index, Packet<V>* packet) =>
        V.Less(V.Abs(packet->Id - V.Splat(index + 1)), V.Splat(0.5f));

    /// <summary>Whether ground, wall or sky is seen anywhere.</summary>
    [MethodImpl(Inline)]
    private static bool SeesGround(Packet<V>* packet) => V.Any(V.Less(packet->Id, V.Splat(0.5f)));

    /// <summary>A whole number to [0, 1), without a visible pattern; only exact operations.</summary>
    [MethodImpl(Inline)]
    private static V Hash(V i)
    {
        V a = Fraction(i * V.Splat(0.1031f));
        a = a * (a + V.Splat(33.33f));
        return Fraction(a * (a + a));
    }

    /// <summary>Two hashes to one.</summary>
    [MethodImpl(Inline)]
    private static V Cell(V a, V b) => Fraction(
        V.Fma(a, V.Splat(57.31f), b) * V.Fma(b, V.Splat(71.73f), a) * V.Splat(13.37f));

    /// <summary>Value noise of unit wavelength in [0, 1).</summary>
    [MethodImpl(Inline)]
    private static V Noise(V x, V y)
    {
        V i = V.Floor(x), j = V.Floor(y), f = Smooth(x - i), g = Smooth(y - j);
        V left = Hash(i), right = Hash(i + V.Splat(1f)), low = Hash(j + V.Splat(17f)), high = Hash(j + V.Splat(18f));
        return Mix(Mix(Cell(left, low), Cell(right, low), f), Mix(Cell(left, high), Cell(right, high), f), g);
    }
}
