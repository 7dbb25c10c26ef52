namespace PhysIntuition.Rendering.Stages;

/// <content>Stage 4: the part of the sun's disc that blocks leave free.</content>
internal static unsafe partial class PixelKernel<V>
{
    /// <summary>Soft shadow without rays.</summary>
    /// <remarks>
    /// Seen along the sun a block is a hexagon, the common part of three strips, one for each two pairs of faces:
    /// with m_i the way to the middle plane of pair i and s_i half the way through it, the beam passes inside
    /// strip (i, j) iff |m_i - m_j| &lt; s_i + s_j. The signed distance to the outline is the largest of the three
    /// excesses over their gradients; over the width of the penumbra there, it gives the hidden part.
    /// Hidden parts add up, so that blocks that touch leave no bright seam.
    /// </remarks>
    [MethodImpl(Stage)]
    private static void ShadeFromSun(SceneRecord* scene, ulong shades, Packet<V>* packet)
    {
        V isFacing = V.Greater(Dot(&scene->Sun, packet->Face.X, packet->Face.Y, packet->Face.Z), V.Zero);
        if (!V.Any(isFacing))
        {
            packet->Sun = V.Zero;
            return;
        }

        var point = &packet->Point;
        V half = V.Splat(0.5f), hidden = V.Zero, id = packet->Id;
        V sharpest = V.Fma(packet->Foot, V.Splat(0.7f), V.Splat(1e-4f)), spread = V.Splat(scene->SunRadius);
        V along = Dot(&scene->Sun, point->X, point->Y, point->Z);
        for (var rest = shades; rest != 0; rest &= rest - 1)
        {
            var index = BitOperations.TrailingZeroCount(rest);
            var block = Block(scene, index);
            V m0 = Way(&block->Slab0, point), m1 = Way(&block->Slab1, point), m2 = Way(&block->Slab2, point);
            V s0 = V.Splat(block->Slab0.Half), s1 = V.Splat(block->Slab1.Half), s2 = V.Splat(block->Slab2.Half);
            V leave = V.Min(V.Min(m0 + s0, m1 + s1), m2 + s2), enter = V.Max(V.Max(m0 - s0, m1 - s1), m2 - s2);
            V excess01 = (V.Abs(m0 - m1) - (s0 + s1)) * V.Splat(block->Scale01);
            V excess02 = (V.Abs(m0 - m2) - (s0 + s2)) * V.Splat(block->Scale02);
            V excess12 = (V.Abs(m1 - m2) - (s1 + s2)) * V.Splat(block->Scale12);
            V distance = V.Max(V.Max(excess01, excess02), excess12);

            // Slabs nearly parallel to the beam make enter and leave huge: the block's own extent bounds them.
            V throwing = V.Min(
                V.Max((enter + leave) * half, V.Splat(block->SunNear) - along), V.Splat(block->SunFar) - along);
            V penumbra = V.Fma(V.Max(throwing, V.Zero), spread, sharpest);
            V part = Smooth(Saturate(half - (distance * half / penumbra)));
            V isOther = V.Greater(V.Abs(id - V.Splat(index + 1)), half);
            hidden += V.Select(V.And(V.Greater(throwing, V.Splat(2e-3f)), isOther), part, V.Zero);
        }

        V free = V.Fma(V.Min(hidden, V.Splat(1f)), V.Splat(-scene->ShadowDepth), V.Splat(1f));
        packet->Sun = V.Select(isFacing, free, V.Zero);
    }

    [MethodImpl(Inline)]
    private static V Way(SunSlab* slab, Triple<V>* point) => V.Fma(
        V.Splat(slab->Z), point->Z,
        V.Fma(V.Splat(slab->Y), point->Y, V.Fma(V.Splat(slab->X), point->X, V.Splat(slab->Offset))));
}
