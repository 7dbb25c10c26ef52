namespace PhysIntuition.Rendering.Stages;

/// <content>Stage 3, where a block is seen: its normals and its material.</content>
internal static unsafe partial class PixelKernel<V>
{
    /// <summary>Normals and colour of one block where it is seen.</summary>
    [MethodImpl(Stage)]
    private static void PaintBlock(SceneRecord* scene, int index, Packet<V>* packet)
    {
        V isMine = Sees(index, packet);
        if (!V.Any(isMine))
        {
            return;
        }

        var block = Block(scene, index);
        packet->IsMine = isMine;
        Orient(block, packet);
        switch (block->Material)
        {
            case (int)Material.PaintedWood:
            case (int)Material.PlainWood:
                Wood(block, packet);
                break;
            case (int)Material.Stone:
                Stone(block, packet);
                break;
            case (int)Material.Cardboard:
                Cardboard(block, packet);
                break;
            default:
                Coat(block, V.Splat(1f), packet);
                break;
        }

        if (scene->Outline > 0f)
        {
            DrawOutline(block, scene->Outline, packet);
        }
    }

    /// <summary>The face that is seen, and the normal that leans over before an edge: 45 degrees at the edge.</summary>
    [MethodImpl(Stage)]
    private static void Orient(BlockRecord* block, Packet<V>* packet)
    {
        V one = V.Splat(1f), nil = V.Zero, isMine = packet->IsMine;
        V dx = packet->Point.X - V.Splat(block->Center.X), dy = packet->Point.Y - V.Splat(block->Center.Y);
        V dz = packet->Point.Z - V.Splat(block->Center.Z);
        V x = Dot(&block->AxisU, dx, dy, dz), y = Dot(&block->AxisV, dx, dy, dz), z = Dot(&block->AxisW, dx, dy, dz);
        packet->Local.X = x;
        packet->Local.Y = y;
        packet->Local.Z = z;

        // Depths below the faces, 0 or less; the face that was hit has the largest.
        V inX = V.Abs(x) - V.Splat(block->Half.X), inY = V.Abs(y) - V.Splat(block->Half.Y);
        V inZ = V.Abs(z) - V.Splat(block->Half.Z);
        V isX = V.Greater(inX, V.Max(inY, inZ)), isY = V.AndNot(V.Greater(inY, inZ), isX);
        V faceX = V.Select(isX, V.CopySign(one, x), nil), faceY = V.Select(isY, V.CopySign(one, y), nil);
        V faceZ = V.Select(V.Or(isX, isY), nil, V.CopySign(one, z));
        Turn(block, isMine, faceX, faceY, faceZ, &packet->Face);

        V perBevel = one / V.Max(V.Splat(block->Bevel), packet->Foot * V.Splat(1.1f));
        V leanX = Saturate(V.Fma(inX, perBevel, one)), leanY = Saturate(V.Fma(inY, perBevel, one));
        V leanZ = Saturate(V.Fma(inZ, perBevel, one));
        V roundX = V.CopySign(leanX * leanX, x), roundY = V.CopySign(leanY * leanY, y);
        V roundZ = V.CopySign(leanZ * leanZ, z);
        V perLength = one / V.Sqrt(V.Max(
            V.Fma(roundX, roundX, V.Fma(roundY, roundY, roundZ * roundZ)), V.Splat(1e-6f)));
        Turn(block, isMine, roundX * perLength, roundY * perLength, roundZ * perLength, &packet->Normal);
        packet->Gloss = V.Select(isMine, V.Splat(block->Gloss), packet->Gloss);
    }

    /// <summary>A vector from the block's axes to the world's, where the block is seen.</summary>
    [MethodImpl(Inline)]
    private static void Turn(BlockRecord* block, V isMine, V x, V y, V z, Triple<V>* target)
    {
        Triple* u = &block->AxisU, v = &block->AxisV, w = &block->AxisW;
        target->X = V.Select(isMine, Outward(u->X, v->X, w->X, x, y, z), target->X);
        target->Y = V.Select(isMine, Outward(u->Y, v->Y, w->Y, x, y, z), target->Y);
        target->Z = V.Select(isMine, Outward(u->Z, v->Z, w->Z, x, y, z), target->Z);
    }

    [MethodImpl(Inline)]
    private static void Coat(BlockRecord* block, V shade, Packet<V>* packet)
    {
        V isMine = packet->IsMine;
        packet->Color.X = V.Select(isMine, V.Splat(block->Color.X) * shade, packet->Color.X);
        packet->Color.Y = V.Select(isMine, V.Splat(block->Color.Y) * shade, packet->Color.Y);
        packet->Color.Z = V.Select(isMine, V.Splat(block->Color.Z) * shade, packet->Color.Z);
    }

    /// <summary>Solid wood: wobbling rings around the long axis, slowly darker and quickly light again.</summary>
    [MethodImpl(Stage)]
    private static void Wood(BlockRecord* block, Packet<V>* packet)
    {
        V one = V.Splat(1f), seed = V.Splat(block->Seed);
        V y = packet->Local.Y + V.Fma(seed, V.Splat(0.31f), V.Splat(-0.9f));
        V z = packet->Local.Z + V.Fma(seed, V.Splat(0.17f), V.Splat(0.6f));
        V radius = V.Sqrt(V.Fma(y, y, z * z));
        V wobble = Noise(V.Fma(packet->Local.X, V.Splat(1.3f), seed * V.Splat(7.7f)), radius * V.Splat(5f));
        V ring = Fraction(V.Fma(wobble, V.Splat(1.6f), radius * V.Splat(9f)));
        V line = ring * ring * (one - ring) * V.Splat(6.75f);
        V fade = Saturate(V.Fma(packet->Foot, V.Splat(-28f), V.Splat(1.6f)));
        V detail = V.Fma(line, V.Splat(-0.42f), V.Fma(wobble, V.Splat(0.35f), V.Splat(0.035f)));
        Coat(block, V.Fma(V.Fma(detail, fade, V.Splat(-0.21f)), V.Splat(block->Grain), one), packet);
    }

    /// <summary>Blotches and speckles through the solid, by noise over two sheared planes.</summary>
    [MethodImpl(Stage)]
    private static void Stone(BlockRecord* block, Packet<V>* packet)
    {
        V x = packet->Local.X + V.Splat(block->Seed * 3.1f), y = packet->Local.Y, z = packet->Local.Z;
        V a = V.Fma(z, V.Splat(0.71f), x), b = V.Fma(z, V.Splat(-0.53f), y);
        V blotch = Noise(a * V.Splat(4.3f), b * V.Splat(4.3f)) - V.Splat(0.5f);
        V speckle = Noise(a * V.Splat(31f), b * V.Splat(29f)) - V.Splat(0.5f);
        V fade = Saturate(V.Fma(packet->Foot, V.Splat(-24f), V.Splat(1.6f)));
        V detail = V.Fma(blotch, V.Splat(0.34f), speckle * fade * V.Splat(0.46f));
        Coat(block, V.Fma(detail, V.Splat(block->Grain), V.Splat(1f)), packet);
    }

    /// <summary>Paperboard: flutes show on the two ends, faint bands and fibres on the sides.</summary>
    [MethodImpl(Stage)]
    private static void Cardboard(BlockRecord* block, Packet<V>* packet)
    {
        V one = V.Splat(1f), half = V.Splat(0.5f), x = packet->Local.X, y = packet->Local.Y, z = packet->Local.Z;
        V isEnd = V.Greater(V.Abs(x) - V.Splat(block->Half.X), V.Max(
            V.Abs(y) - V.Splat(block->Half.Y), V.Abs(z) - V.Splat(block->Half.Z)));
        V fade = Saturate(V.Fma(packet->Foot, V.Splat(-14f), V.Splat(1.5f)));
        V wave = V.Abs(Fraction(y * V.Splat(7f)) - half) * V.Splat(0.06f);         // height of the flute, a zigzag
        V sheet = V.Abs(Fraction(V.Fma(z, V.Splat(8f), half)) - half);             // 0 on the liners
        V flute = V.Abs(Fraction((z + wave) * V.Splat(8f)) - half);
        V liner = Saturate(V.Fma(sheet, V.Splat(-16f), V.Splat(1.6f)));
        V paper = V.Max(liner, Saturate(V.Fma(flute, V.Splat(-9f), V.Splat(1.6f))));
        V end = V.Fma((one - paper) * fade, V.Splat(-0.45f), one);
        V fibre = Noise(V.Fma(x, V.Splat(3f), V.Splat(block->Seed)), (y + z) * V.Splat(26f)) - half;
        V band = V.Abs(Fraction(x * V.Splat(9f)) - half) - V.Splat(0.25f);
        V side = V.Fma(V.Fma(band, V.Splat(0.16f), fibre * V.Splat(0.16f)), fade, one);
        V shade = V.Fma(V.Select(isEnd, end, side) - one, V.Splat(block->Grain), one);
        Coat(block, shade, packet);
    }

    /// <summary>Darkens a strip along the block's edges: outlines and inner edges alike.</summary>
    [MethodImpl(Stage)]
    private static void DrawOutline(BlockRecord* block, float width, Packet<V>* packet)
    {
        V inX = V.Abs(packet->Local.X) - V.Splat(block->Half.X), inY = V.Abs(packet->Local.Y) - V.Splat(block->Half.Y);
        V inZ = V.Abs(packet->Local.Z) - V.Splat(block->Half.Z);
        V second = V.Max(V.Min(inX, inY), V.Min(V.Max(inX, inY), inZ));
        V pixels = V.Zero - (second / packet->Foot);
        V line = Saturate(V.Splat(width + 0.5f) - pixels), keep = V.Fma(line, V.Splat(-0.93f), V.Splat(1f));
        V shade = V.Select(packet->IsMine, keep, V.Splat(1f));
        packet->Color.X *= shade;
        packet->Color.Y *= shade;
        packet->Color.Z *= shade;
    }
}
