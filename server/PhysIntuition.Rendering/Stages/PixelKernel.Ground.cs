namespace PhysIntuition.Rendering.Stages;

/// <content>Stage 3, where no block is seen: the ground's and the wall's colour and normal.</content>
internal static unsafe partial class PixelKernel<V>
{
    /// <summary>The ground's colour and, where anybody will ask for it, which way it faces.</summary>
    [MethodImpl(Inline)]
    private static void PaintGround(SceneRecord* scene, bool isFaced, Packet<V>* packet)
    {
        if (isFaced)
        {
            packet->Face.X = packet->Face.Z = packet->Normal.X = packet->Normal.Z = V.Zero;
            packet->Face.Y = packet->Normal.Y = V.Splat(1f);
            packet->Gloss = V.Zero;
        }

        switch (scene->Ground)
        {
            case (int)Ground.Tiles:
                Tiles(scene, packet);
                break;
            case (int)Ground.Planks:
                Planks(scene, packet);
                break;
            case (int)Ground.Checker:
                Checker(scene, packet);
                break;
            case (int)Ground.Table:
                Planks(scene, packet);
                Plaster(scene, packet);
                break;
            case (int)Ground.Backdrop:
                Backdrop(scene, packet);
                break;
            default:
                Plain(scene, packet);
                break;
        }

        for (var i = 0; i < scene->Zones; i++)
        {
            DrawZone((ZoneRecord*)(Block(scene, 0) + scene->Blocks) + i, packet);
        }
    }

    /// <summary>A ring and a faint disc on the ground, lit and hidden like the ground itself.</summary>
    [MethodImpl(Stage)]
    private static void DrawZone(ZoneRecord* zone, Packet<V>* packet)
    {
        V one = V.Splat(1f), dx = packet->Point.X - V.Splat(zone->X), dz = packet->Point.Z - V.Splat(zone->Z);
        V radius = V.Sqrt(V.Fma(dx, dx, dz * dz)), perFoot = one / (packet->Foot + V.Splat(1e-4f));
        V ring = Joint(V.Abs(radius - V.Splat(zone->Radius)), zone->HalfWidth, perFoot);
        V disc = Saturate(V.Fma(V.Splat(zone->Radius) - radius, perFoot, V.Splat(0.5f)));
        V isFloor = V.Greater(packet->Id, V.Splat(-0.5f));
        V cover = V.Select(isFloor, V.Max(ring, disc * V.Splat(0.22f)), V.Zero);
        packet->Color.X = Mix(packet->Color.X, V.Splat(zone->Color.X), cover);
        packet->Color.Y = Mix(packet->Color.Y, V.Splat(zone->Color.Y), cover);
        packet->Color.Z = Mix(packet->Color.Z, V.Splat(zone->Color.Z), cover);
    }

    /// <summary>Width of the pixel on the ground: between the footprint's short and its long axis.</summary>
    /// <remarks>The long axis is 1 / sin(slope) times the short one; depth over the eye's height comes close.</remarks>
    [MethodImpl(Inline)]
    private static V GroundFoot(SceneRecord* scene, Packet<V>* packet) =>
        packet->Foot * GroundStretch(scene, packet->Depth);

    [MethodImpl(Inline)]
    private static V GroundStretch(SceneRecord* scene, V depth) =>
        V.Min(depth * V.Splat(scene->HalfPerHeight), V.Splat(3f));

    [MethodImpl(Inline)]
    private static void Dye(Triple* color, V shade, Packet<V>* packet)
    {
        packet->Color.X = V.Splat(color->X) * shade;
        packet->Color.Y = V.Splat(color->Y) * shade;
        packet->Color.Z = V.Splat(color->Z) * shade;
    }

    /// <summary>1 near a line of this half width, 0 off it, filtered over the footprint.</summary>
    [MethodImpl(Inline)]
    private static V Joint(V distance, float half, V perFoot) =>
        Saturate(V.Fma(V.Splat(half) - distance, perFoot, V.Splat(0.5f))) * Saturate(V.Splat(2f * half) * perFoot);

    [MethodImpl(Stage)]
    private static void Plain(SceneRecord* scene, Packet<V>* packet) => Dye(
        &scene->GroundColor, PlainShade(scene, packet->Point.X, packet->Point.Z, GroundFoot(scene, packet)), packet);

    [MethodImpl(Stage)]
    private static void Tiles(SceneRecord* scene, Packet<V>* packet)
    {
        V foot = GroundFoot(scene, packet);
        Dye(&scene->GroundColor,
            TilesShade(scene, packet->Point.X, packet->Point.Z, foot, PerTileWidth(foot)), packet);
    }

    [MethodImpl(Stage)]
    private static void Planks(SceneRecord* scene, Packet<V>* packet)
    {
        V foot = GroundFoot(scene, packet);
        Dye(&scene->GroundColor,
            PlanksShade(scene, packet->Point.X, packet->Point.Z, foot, PerPlankWidth(foot)), packet);
    }

    [MethodImpl(Stage)]
    private static void Checker(SceneRecord* scene, Packet<V>* packet) => Dye(
        &scene->GroundColor,
        CheckerShade(packet->Point.X, packet->Point.Z, PerTileWidth(GroundFoot(scene, packet))), packet);

    [MethodImpl(Inline)]
    private static V PlainShade(SceneRecord* scene, V x, V z, V foot)
    {
        V grain = Noise(x * V.Splat(1.7f), z * V.Splat(1.7f)) - V.Splat(0.5f);
        V fade = Saturate(V.Fma(foot, V.Splat(-2f), V.Splat(1.5f)));
        return V.Fma(grain * fade, V.Splat(0.10f * scene->GroundGrain), V.Splat(1f));
    }

    /// <summary>Square tiles of one unit, each a shade of its own, with dark joints.</summary>
    [MethodImpl(Inline)]
    private static V TilesShade(SceneRecord* scene, V x, V z, V foot, V perFoot)
    {
        V one = V.Splat(1f), column = V.Floor(x), row = V.Floor(z), fx = x - column, fz = z - row;
        V rim = V.Min(V.Min(fx, one - fx), V.Min(fz, one - fz));
        V joint = Joint(rim, 0.018f, perFoot);
        V shade = Cell(Hash(column), Hash(row + V.Splat(9f))) - V.Splat(0.5f);
        V fade = Saturate(V.Fma(foot, V.Splat(-1.5f), V.Splat(1.5f)));
        V tile = V.Fma(shade * fade, V.Splat(0.10f * scene->GroundGrain), one);
        return tile * V.Fma(joint, V.Splat(-0.38f), one);
    }

    /// <summary>Boards of 0.62 units with staggered ends, a tint and a grain of their own.</summary>
    [MethodImpl(Inline)]
    private static V PlanksShade(SceneRecord* scene, V x, V z, V foot, V perFoot)
    {
        V one = V.Splat(1f), across = z * V.Splat(1.6f), row = V.Floor(across), fz = across - row;
        V rowHash = Hash(row + V.Splat(40f));
        V along = V.Fma(rowHash, V.Splat(7f), x * V.Splat(0.31f)), column = V.Floor(along), fx = along - column;
        V tint = Cell(rowHash, Hash(column + V.Splat(3f)));
        V rim = V.Min(V.Min(fz, one - fz), V.Min(fx, one - fx) * V.Splat(5.2f));
        V gap = Joint(rim, 0.012f, perFoot);
        V fade = Saturate(V.Fma(foot, V.Splat(-14f), V.Splat(1.4f))), wood = one;
        if (V.Any(V.Greater(fade, V.Zero)))
        {
            V grain = Noise(V.Fma(tint, V.Splat(31f), x * V.Splat(1.1f)), z * V.Splat(22f));
            wood = V.Fma((grain - V.Splat(0.5f)) * fade, V.Splat(0.30f * scene->GroundGrain), one);
        }

        V board = V.Fma(tint - V.Splat(0.5f), V.Splat(0.28f * scene->GroundGrain), one);
        return board * wood * V.Fma(gap, V.Splat(-0.55f), one);
    }

    /// <summary>Squares of one unit in two greys, box-filtered.</summary>
    [MethodImpl(Inline)]
    private static V CheckerShade(V x, V z, V perFoot) =>
        V.Fma(Square(x, perFoot) * Square(z, perFoot), V.Splat(0.16f), V.Splat(1f));

    [MethodImpl(Inline)]
    private static V PerTileWidth(V foot) => V.Splat(1f) / (foot + V.Splat(1e-4f));

    [MethodImpl(Inline)]
    private static V PerPlankWidth(V foot) => V.Splat(1f) / V.Fma(foot, V.Splat(1.6f), V.Splat(1e-4f));

    /// <summary>A square wave of period 2 between -1 and 1, its flanks one footprint wide.</summary>
    [MethodImpl(Inline)]
    private static V Square(V x, V perFoot)
    {
        V phase = Fraction(x * V.Splat(0.5f)) * V.Splat(2f) - V.Splat(1f);          // [-1, 1)
        V away = V.Min(V.Abs(phase), V.Splat(1f) - V.Abs(phase));                    // to the nearest flank
        return V.CopySign(V.Min(V.Splat(2f) * away * perFoot, V.Splat(1f)), phase);
    }

    /// <summary>The wall behind the table, where it is seen, and a lighter rim along the table's edge.</summary>
    [MethodImpl(Stage)]
    private static void Plaster(SceneRecord* scene, Packet<V>* packet)
    {
        V one = V.Splat(1f), isWall = V.Less(packet->Id, V.Splat(-0.5f));
        V away = V.Splat(scene->BrinkOffset) - WallWay(scene, packet);              // from the table's edge
        V rim = Saturate(V.Fma(away, V.Splat(-12f), one)) * Saturate(away * V.Splat(40f));
        V edge = V.Fma(rim, V.Splat(0.25f), one);
        V side = V.Fma(packet->Point.X, V.Splat(-scene->WallNormal.Z), packet->Point.Z * V.Splat(scene->WallNormal.X));
        V rough = Noise(side * V.Splat(2.3f), packet->Point.Y * V.Splat(2.3f));
        rough += Noise(side * V.Splat(9.1f), packet->Point.Y * V.Splat(8.3f)) * V.Splat(0.5f);
        V shade = V.Fma(rough - V.Splat(0.75f), V.Splat(0.07f * scene->GroundGrain), one);
        packet->Color.X = V.Select(isWall, V.Splat(scene->WallColor.X) * shade, packet->Color.X * edge);
        packet->Color.Y = V.Select(isWall, V.Splat(scene->WallColor.Y) * shade, packet->Color.Y * edge);
        packet->Color.Z = V.Select(isWall, V.Splat(scene->WallColor.Z) * shade, packet->Color.Z * edge);
        FaceWall(scene, isWall, packet);
    }

    /// <summary>A sheet that hangs down a wall and runs out over the floor, folded and creased.</summary>
    /// <remarks>Relief: what a height loses over a short way towards the light is shade.</remarks>
    [MethodImpl(Stage)]
    private static void Backdrop(SceneRecord* scene, Packet<V>* packet)
    {
        V one = V.Splat(1f), isWall = V.Less(packet->Id, V.Splat(-0.5f));
        V away = V.Splat(scene->BrinkOffset) - WallWay(scene, packet);
        V length = V.Select(isWall, packet->Point.Y, V.Zero - away);                // along the sheet from the bend
        V side = V.Fma(packet->Point.X, V.Splat(-scene->WallNormal.Z), packet->Point.Z * V.Splat(scene->WallNormal.X));
        V slanted = V.Fma(length, V.Splat(0.55f), side), crossed = V.Fma(side, V.Splat(-0.45f), length);
        V sway = Noise(side * V.Splat(0.31f), length * V.Splat(0.37f));
        V foldX = V.Fma(sway, V.Splat(1.4f), slanted * V.Splat(0.62f)), foldY = crossed * V.Splat(0.20f);
        V folds = Noise(foldX, foldY) - Noise(foldX + V.Splat(0.42f), foldY + V.Splat(0.08f));
        V wrinkleX = V.Fma(sway, V.Splat(2.1f), crossed * V.Splat(1.9f)), wrinkleY = slanted * V.Splat(0.75f);
        V wrinkles = Noise(wrinkleX, wrinkleY) - Noise(wrinkleX + V.Splat(0.22f), wrinkleY + V.Splat(0.14f));
        V strength = V.Select(isWall, one, V.Splat(0.30f)) * V.Splat(scene->GroundGrain);
        V shade = V.Fma(V.Fma(folds, V.Splat(0.20f), wrinkles * V.Splat(0.22f)), strength, one);
        Dye(&scene->GroundColor, shade, packet);
        FaceWall(scene, isWall, packet);

        // The bend: the shading normal turns from up to the wall's over two units on both sides.
        V bend = V.Fma(V.Select(isWall, packet->Point.Y, V.Zero - away), V.Splat(0.25f), V.Splat(0.5f));
        V turn = Smooth(Saturate(bend));
        V x = turn * V.Splat(scene->WallNormal.X), y = one - turn, z = turn * V.Splat(scene->WallNormal.Z);
        V perLength = one / V.Sqrt(V.Fma(x, x, V.Fma(y, y, z * z)));
        packet->Normal.X = x * perLength;
        packet->Normal.Y = y * perLength;
        packet->Normal.Z = z * perLength;
    }

    /// <summary>How far a point lies in the direction away from the eye, towards the wall.</summary>
    [MethodImpl(Inline)]
    private static V WallWay(SceneRecord* scene, Packet<V>* packet) => V.Zero - V.Fma(
        packet->Point.X, V.Splat(scene->WallNormal.X), packet->Point.Z * V.Splat(scene->WallNormal.Z));

    [MethodImpl(Inline)]
    private static void FaceWall(SceneRecord* scene, V isWall, Packet<V>* packet)
    {
        packet->Face.X = packet->Normal.X = V.Select(isWall, V.Splat(scene->WallNormal.X), V.Zero);
        packet->Face.Y = packet->Normal.Y = V.Select(isWall, V.Zero, V.Splat(1f));
        packet->Face.Z = packet->Normal.Z = V.Select(isWall, V.Splat(scene->WallNormal.Z), V.Zero);
    }
}
