namespace PhysIntuition.Rendering.Stages;

/// <content>Stage 5: the part of the sky that blocks leave free.</content>
internal static unsafe partial class PixelKernel<V>
{
    /// <summary>How far, in units, a block takes sky from its surroundings.</summary>
    public const float OcclusionReach = 0.7f;

    /// <summary>Ambient occlusion: each block is a wall at its nearest point, exact for a long wall.</summary>
    /// <remarks>
    /// A wall of height H above the receiver's plane, d away, hides (h - d) / h of the sky on its side, with
    /// h² = d² + H². H is 0 for faces that lie flush, so that a neat stack stays clean.
    /// </remarks>
    [MethodImpl(Stage)]
    private static void HideSky(SceneRecord* scene, ulong darkens, Packet<V>* packet)
    {
        Triple<V>* point = &packet->Point, normal = &packet->Face;
        V one = V.Splat(1f), half = V.Splat(0.5f), open = one;
        for (var rest = darkens; rest != 0; rest &= rest - 1)
        {
            var index = BitOperations.TrailingZeroCount(rest);
            var block = Block(scene, index);
            V dx = point->X - V.Splat(block->Center.X), dy = point->Y - V.Splat(block->Center.Y);
            V dz = point->Z - V.Splat(block->Center.Z);
            V x = Dot(&block->AxisU, dx, dy, dz), y = Dot(&block->AxisV, dx, dy, dz);
            V z = Dot(&block->AxisW, dx, dy, dz);
            V outX = Beyond(x, block->Half.X), outY = Beyond(y, block->Half.Y), outZ = Beyond(z, block->Half.Z);
            V squared = V.Fma(outX, outX, V.Fma(outY, outY, outZ * outZ));
            if (!V.Any(V.Less(squared, V.Splat(OcclusionReach * OcclusionReach))))
            {
                continue;
            }

            V distance = V.Sqrt(squared);
            V nx = Dot(&block->AxisU, normal->X, normal->Y, normal->Z);
            V ny = Dot(&block->AxisV, normal->X, normal->Y, normal->Z);
            V nz = Dot(&block->AxisW, normal->X, normal->Y, normal->Z);
            V below = V.Fma(nx, outX, V.Fma(ny, outY, nz * outZ));
            V extent = V.Fma(V.Abs(nx), V.Splat(block->Half.X), V.Fma(
                V.Abs(ny), V.Splat(block->Half.Y), V.Abs(nz) * V.Splat(block->Half.Z)));
            V height = V.Max(extent - V.Fma(nx, x, V.Fma(ny, y, nz * z)), V.Zero);
            V slant = V.Sqrt(V.Fma(height, height, squared));
            V wall = (slant - distance) / (slant + V.Splat(1e-3f));
            V tilt = half - (below * half / (distance + V.Splat(1e-3f)));
            V near = Saturate(V.Fma(distance, V.Splat(-1f / OcclusionReach), one));
            V part = Saturate(wall * tilt * near * near * V.Splat(1.15f)) * V.Splat(scene->OcclusionDepth);
            V isOther = V.Greater(V.Abs(packet->Id - V.Splat(index + 1)), half);
            open *= one - V.Select(isOther, part, V.Zero);
        }

        packet->Open = open;
    }

    /// <summary>How far a coordinate lies outside a block, with its sign.</summary>
    [MethodImpl(Inline)]
    private static V Beyond(V coordinate, float half) =>
        V.CopySign(V.Max(V.Abs(coordinate) - V.Splat(half), V.Zero), coordinate);
}
