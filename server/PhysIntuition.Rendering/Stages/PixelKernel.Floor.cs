namespace PhysIntuition.Rendering.Stages;

/// <content>Packets that see the floor alone: the way of most of them, and the same bits as the long one.</content>
/// <remarks>
/// A camera stands level, so that depth and all that follows from it are the same along a row of pixels: they are
/// computed once for the packets of a row. The floor faces up, which leaves little of its light to compute.
/// </remarks>
internal static unsafe partial class PixelKernel<V>
{
    /// <summary>Whether floor that is seen alone can go this way.</summary>
    public static bool HasLevelFloor(SceneRecord* scene) =>
        scene->HasWall == 0 && scene->Zones == 0 && scene->View.RayX.Y == 0f && scene->Floor.X == 0f;

    /// <summary>What the pixels of one row of packets have in common; the packet stands anywhere in it.</summary>
    [MethodImpl(Stage)]
    public static void BeginRow(SceneRecord* scene, Packet<V>* packet, FloorRow<V>* row)
    {
        var view = &scene->View;
        V x = packet->X, y = packet->Y, one = V.Splat(1f), nearest = At(&scene->Floor, x, y);
        V inverse = V.Max(nearest, V.Zero), depth = one / V.Max(inverse, V.Splat(scene->FarthestInverse));
        V rayY = V.Fma(V.Splat(view->RayY.Y), y, V.Fma(V.Splat(view->RayX.Y), x, V.Splat(view->Ray.Y)));
        V foot = depth * V.Splat(view->Pixel);
        row->Id = V.Select(V.Greater(nearest, V.Zero), V.Zero, V.Splat(-1f));
        row->Depth = depth;
        row->Foot = foot;
        row->PointY = V.Fma(depth, rayY, V.Splat(view->Eye.Y));
        V wide = foot * GroundStretch(scene, depth);
        row->Width = wide;
        row->PerWidth = scene->Ground == (int)Ground.Planks ? PerPlankWidth(wide) : PerTileWidth(wide);

        V nearness = inverse * V.Splat(scene->FogDepth);
        row->IsFading = V.Any(V.Less(nearness, one)) ? 1 : 0;
        if (row->IsFading != 0)
        {
            V isFading = V.Less(nearness, one), rise = Saturate(rayY * V.Splat(2.2f));
            row->Clear = Smooth(V.Min(nearness, one));
            row->IsFogged = isFading;
            row->Fog.X = Mix(scene->Horizon.X, scene->Zenith.X, rise);
            row->Fog.Y = Mix(scene->Horizon.Y, scene->Zenith.Y, rise);
            row->Fog.Z = Mix(scene->Horizon.Z, scene->Zenith.Z, rise);
        }
    }

    /// <summary>Points and shades of the floor: fills Point.X, Point.Z and, with the shade, Color.X.</summary>
    [MethodImpl(Inline)]
    public static void ShadeRow(SceneRecord* scene, FloorRow<V>* row, Packet<V>* packets, int count)
    {
        switch (scene->Ground)
        {
            case (int)Ground.Tiles:
                TilesRow(scene, row, packets, count);
                break;
            case (int)Ground.Planks:
                PlanksRow(scene, row, packets, count);
                break;
            case (int)Ground.Checker:
                CheckerRow(scene, row, packets, count);
                break;
            default:
                PlainRow(scene, row, packets, count);
                break;
        }
    }

    /// <summary>Sun and sky that blocks leave one packet, whose Sun and Open are 1.</summary>
    [MethodImpl(Inline)]
    public static void HideFloor(SceneRecord* scene, FloorRow<V>* row, TileSets* sets, Packet<V>* packet)
    {
        packet->Point.Y = row->PointY;
        packet->Foot = row->Foot;
        packet->Id = row->Id;
        packet->Face.X = packet->Face.Z = V.Zero;
        packet->Face.Y = V.Splat(1f);
        if (scene->ShadowDepth > 0f && sets->Shades != 0)
        {
            ShadeFromSun(scene, sets->Shades, packet);
        }

        if (sets->Darkens != 0)
        {
            HideSky(scene, sets->Darkens, packet);
        }
    }

    /// <summary>Display values of floor that nothing shades or darkens: fills Display.</summary>
    [MethodImpl(Stage)]
    public static void LightBareRow(SceneRecord* scene, FloorRow<V>* row, Packet<V>* packets, int count)
    {
        for (var packet = packets; packet < packets + count; packet++)
        {
            V shade = packet->Color.X;
            V red = V.Splat(scene->GroundColor.X) * shade * V.Splat(scene->BareLight.X);
            V green = V.Splat(scene->GroundColor.Y) * shade * V.Splat(scene->BareLight.Y);
            V blue = V.Splat(scene->GroundColor.Z) * shade * V.Splat(scene->BareLight.Z);
            Show(scene, row, red, green, blue, packet);
        }
    }

    /// <summary>Display values of floor from its Sun and Open: fills Display.</summary>
    [MethodImpl(Stage)]
    public static void LightRow(SceneRecord* scene, FloorRow<V>* row, Packet<V>* packets, int count)
    {
        for (var packet = packets; packet < packets + count; packet++)
        {
            V shade = packet->Color.X, open = packet->Open;
            V lit = V.Max(V.Splat(scene->Sun.Y), V.Zero) * packet->Sun;
            V red = V.Fma(V.Splat(scene->SunColor.X), lit, V.Splat(scene->Sky.X) * open);
            V green = V.Fma(V.Splat(scene->SunColor.Y), lit, V.Splat(scene->Sky.Y) * open);
            V blue = V.Fma(V.Splat(scene->SunColor.Z), lit, V.Splat(scene->Sky.Z) * open);
            red = V.Splat(scene->GroundColor.X) * shade * red;
            green = V.Splat(scene->GroundColor.Y) * shade * green;
            blue = V.Splat(scene->GroundColor.Z) * shade * blue;
            Show(scene, row, red, green, blue, packet);
        }
    }

    [MethodImpl(Inline)]
    private static void Show(SceneRecord* scene, FloorRow<V>* row, V red, V green, V blue, Packet<V>* packet)
    {
        if (row->IsFading != 0)
        {
            red = Fogged(row, row->Fog.X, red);
            green = Fogged(row, row->Fog.Y, green);
            blue = Fogged(row, row->Fog.Z, blue);
        }

        packet->Display.X = Display(&scene->Tone, red);
        packet->Display.Y = Display(&scene->Tone, green);
        packet->Display.Z = Display(&scene->Tone, blue);
    }

    [MethodImpl(Inline)]
    private static V Fogged(FloorRow<V>* row, V fog, V light) =>
        V.Select(row->IsFogged, Mix(fog, light, row->Clear), light);

    [MethodImpl(Inline)]
    private static void PlaceOnFloor(SceneRecord* scene, FloorRow<V>* row, Packet<V>* packet)
    {
        var view = &scene->View;
        V x = packet->X, y = packet->Y, depth = row->Depth;
        V rayX = V.Fma(V.Splat(view->RayY.X), y, V.Fma(V.Splat(view->RayX.X), x, V.Splat(view->Ray.X)));
        V rayZ = V.Fma(V.Splat(view->RayY.Z), y, V.Fma(V.Splat(view->RayX.Z), x, V.Splat(view->Ray.Z)));
        packet->Point.X = V.Fma(depth, rayX, V.Splat(view->Eye.X));
        packet->Point.Z = V.Fma(depth, rayZ, V.Splat(view->Eye.Z));
    }

    [MethodImpl(Stage)]
    private static void PlainRow(SceneRecord* scene, FloorRow<V>* row, Packet<V>* packets, int count)
    {
        for (var packet = packets; packet < packets + count; packet++)
        {
            PlaceOnFloor(scene, row, packet);
            packet->Color.X = PlainShade(scene, packet->Point.X, packet->Point.Z, row->Width);
        }
    }

    [MethodImpl(Stage)]
    private static void TilesRow(SceneRecord* scene, FloorRow<V>* row, Packet<V>* packets, int count)
    {
        for (var packet = packets; packet < packets + count; packet++)
        {
            PlaceOnFloor(scene, row, packet);
            packet->Color.X = TilesShade(scene, packet->Point.X, packet->Point.Z, row->Width, row->PerWidth);
        }
    }

    [MethodImpl(Stage)]
    private static void PlanksRow(SceneRecord* scene, FloorRow<V>* row, Packet<V>* packets, int count)
    {
        for (var packet = packets; packet < packets + count; packet++)
        {
            PlaceOnFloor(scene, row, packet);
            packet->Color.X = PlanksShade(scene, packet->Point.X, packet->Point.Z, row->Width, row->PerWidth);
        }
    }

    [MethodImpl(Stage)]
    private static void CheckerRow(SceneRecord* scene, FloorRow<V>* row, Packet<V>* packets, int count)
    {
        for (var packet = packets; packet < packets + count; packet++)
        {
            PlaceOnFloor(scene, row, packet);
            packet->Color.X = CheckerShade(packet->Point.X, packet->Point.Z, row->PerWidth);
        }
    }
}

/// <summary>What the floor's pixels of one row of packets have in common.</summary>
internal struct FloorRow<V> where V : unmanaged
{
    /// <summary>0 floor, -1 sky; depth, width of a pixel there, and height of the point: next to 0.</summary>
    public V Id, Depth, Foot, PointY;

    /// <summary>Width of the pixel on the floor, and one over it as the ground's pattern takes it.</summary>
    public V Width, PerWidth;

    /// <summary>Mask of pixels in fog, how little there is of it, and its colour.</summary>
    public V IsFogged, Clear;

    public Triple<V> Fog;

    /// <summary>Not 0 where any pixel is in fog.</summary>
    public int IsFading;
}
