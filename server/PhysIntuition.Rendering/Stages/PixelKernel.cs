namespace PhysIntuition.Rendering.Stages;

/// <summary>The ray caster, written once over lanes: what is seen, its surface, its light, its display value.</summary>
/// <remarks>
/// <para>Layout: one call handles one packet of pixels of one tile; the masks hold the tile's blocks.</para>
/// <para>Stages: 1 trace, 2 locate, 3 ground or surface, 4 sun, 5 sky, 6 light, 7 tone.</para>
/// <para>Reference: the one-lane instance; bit-equal at every width, see LaneWidthTests.</para>
/// <para>Source: own derivations, written at each stage and in docs/rendering.md.</para>
/// </remarks>
internal static unsafe partial class PixelKernel<V> where V : unmanaged, ILanes<V>
{
    // The JIT stops inlining in a method of more than 512 locals and every lane operation becomes a call, five to
    // ten times slower. So a stage stays under about 200 operations and is never inlined into another.
    // Compiled once and fully: the first picture should not wait for a slow version to be counted and replaced.
    private const MethodImplOptions Stage = MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization;
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>What the centres of the pixels see: fills Inverse, Id and Edge.</summary>
    [MethodImpl(Inline)]
    public static void See(SceneRecord* scene, ulong seen, Packet<V>* packet) => Trace(scene, seen, packet);

    /// <summary>Place, normals and colour of what the centres see: fills Point, Face, Normal and Color.</summary>
    [MethodImpl(Stage)]
    public static void Describe(SceneRecord* scene, TileSets* sets, Packet<V>* packet) =>
        FindSurface(scene, sets->Seen, isFaced: true, packet);

    /// <summary>Display values of what <see cref="See"/> found, edges blended: fills Display.</summary>
    [MethodImpl(Stage)]
    public static void Shade(SceneRecord* scene, TileSets* sets, Packet<V>* packet, SampleSet<V>* samples)
    {
        var hasEdge = scene->View.Samples > 1 && V.Any(packet->Edge);
        if (hasEdge)
        {
            SeeSamples(scene, sets->Seen, packet, samples);
            TakeFirst(scene, packet, samples);
        }

        Illuminate(scene, sets, packet, 1);
        if (hasEdge && V.Any(V.Greater(packet->Id, packet->Lowest)))
        {
            V part = packet->Part;
            packet->First = packet->Color;
            TakeSecond(scene, packet, samples);
            packet->Part = part;
            Illuminate(scene, sets, packet, 1);
            Blend(packet);
        }

        Develop(&scene->Tone, packet);
    }

    /// <summary>Linear light to display values: fills Display from Color.</summary>
    [MethodImpl(Stage)]
    public static void Develop(ToneCurve* tone, Packet<V>* packet)
    {
        packet->Display.X = Display(tone, packet->Color.X);
        packet->Display.Y = Display(tone, packet->Color.Y);
        packet->Display.Z = Display(tone, packet->Color.Z);
    }

    [MethodImpl(Inline)]
    private static void FindSurface(SceneRecord* scene, ulong seen, bool isFaced, Packet<V>* packet)
    {
        Locate(scene, packet);
        if (seen == 0 || SeesGround(packet))
        {
            PaintGround(scene, isFaced, packet);
        }

        for (var rest = seen; rest != 0; rest &= rest - 1)
        {
            PaintBlock(scene, BitOperations.TrailingZeroCount(rest), packet);
        }
    }

    /// <summary>Light to the eye of each packet, which has sets of its own: fills Color.</summary>
    /// <remarks>
    /// Stage by stage over all packets and not packet by packet: one packet's chain of operations is longer than what
    /// a processor looks ahead, so that it would wait for each result.
    /// </remarks>
    [MethodImpl(Stage)]
    public static void Illuminate(SceneRecord* scene, TileSets* sets, Packet<V>* packets, int count)
    {
        var chosen = (1u << count) - 1u;
        var bare = 0u;   // packets of ground that nothing shades or darkens
        for (var rest = chosen; rest != 0; rest &= rest - 1)
        {
            var index = BitOperations.TrailingZeroCount(rest);
            var isBare = !sets[index].HasBlocks && scene->HasWall == 0;
            bare |= isBare ? 1u << index : 0u;
            FindSurface(scene, sets[index].Seen, !isBare, packets + index);
        }

        for (var rest = chosen & ~bare; rest != 0; rest &= rest - 1)
        {
            var index = BitOperations.TrailingZeroCount(rest);
            bare |= FindShade(scene, sets + index, packets + index) ? 0u : 1u << index;
        }

        for (var rest = chosen & ~bare; rest != 0; rest &= rest - 1)
        {
            Light(scene, packets + BitOperations.TrailingZeroCount(rest));
        }

        for (var rest = bare; rest != 0; rest &= rest - 1)
        {
            LightBare(scene, packets + BitOperations.TrailingZeroCount(rest));
        }
    }

    /// <summary>Sun and sky that are left; false where only ground is seen and all of both.</summary>
    [MethodImpl(Inline)]
    private static bool FindShade(SceneRecord* scene, TileSets* sets, Packet<V>* packet)
    {
        ulong shades = 0, darkens = 0, met = 0;
        if (sets->Seen == 0 || SeesGround(packet))
        {
            shades = sets->Shades;
            darkens = sets->Darkens;
        }

        for (var rest = sets->Seen; rest != 0; rest &= rest - 1)
        {
            var index = BitOperations.TrailingZeroCount(rest);
            if (V.Any(Sees(index, packet)))
            {
                met |= 1ul << index;
                shades |= Block(scene, index)->ShadedBy;
                darkens |= Block(scene, index)->DarkenedBy;
            }
        }

        if ((met | shades | darkens) == 0 && scene->HasWall == 0)
        {
            return false;
        }

        packet->Sun = V.Splat(1f);
        packet->Open = V.Splat(1f);
        // Block and wall may turn away from the sun even where nothing shades them.
        if (scene->ShadowDepth > 0f && ((shades | met) != 0 || scene->HasWall != 0))
        {
            ShadeFromSun(scene, shades, packet);
        }

        if (darkens != 0)
        {
            HideSky(scene, darkens, packet);
        }

        return true;
    }

    [MethodImpl(Inline)]
    private static V Display(ToneCurve* tone, V light)
    {
        V x = V.Min(light, V.Splat(tone->White)), one = V.Splat(1f);
        V above = x * V.Fma(x, V.Fma(x, V.Splat(tone->P2), V.Splat(tone->P1)), V.Splat(tone->P0));
        V below = V.Fma(x, V.Fma(x, V.Fma(x, V.Splat(tone->Q2), V.Splat(tone->Q1)), V.Splat(tone->Q0)), one);
        return V.Fma(above / below, V.Splat(255f), V.Splat(0.5f));
    }
}
