namespace PhysIntuition.Rendering.Stages;

/// <summary>Walks over the tiles and packets of a frame and writes what the kernel finds.</summary>
/// <remarks>Two ways lead to a pixel's bytes: the short one of floor that is seen alone, and the long one.</remarks>
internal static unsafe class FramePainter<V> where V : unmanaged, ILanes<V>
{
    /// <summary>Packets that go through the stages together.</summary>
    public const int Group = 4;

    private const int Pairs = Group / 2;   // packets of edges, two surfaces each

    /// <summary>Draws one frame; the scratch memory is aligned to 64 bytes.</summary>
    /// <remarks>Without culling every tile takes every block: slower, and the same bytes.</remarks>
    public static void Draw(SceneRecord* scene, FrameRecord* frame, bool culls, GroundCache? cache, Workbench<V>* bench)
    {
        cache?.Begin(scene, frame);
        bench->Scene = scene;
        bench->Frame = frame;
        bench->Pending = 0;
        bench->HasFloor = culls && frame->HasRgbAlone && PixelKernel<V>.HasLevelFloor(scene) ? 1 : 0;
        for (var top = 0; top < frame->Height; top += SceneRecord.Tile)
        {
            bench->HasRow = 0;
            for (var left = 0; left < frame->Width; left += SceneRecord.Tile)
            {
                var sets = TileSets.Of(scene, top / SceneRecord.Tile, left / SceneRecord.Tile);
                if (frame->Rgb == null)
                {
                    DrawUnlit(bench, left, top, culls, &sets);
                    continue;
                }

                FindCells(bench, left, top, culls, &sets);
                var kept = !sets.HasBlocks && sets.Overlays == 0 ? cache : null;
                if (kept?.TryCopy(frame, left, top) != true)
                {
                    DrawTile(bench, &sets, left, top);
                    kept?.Keep(frame, left, top);
                }
            }
        }
    }

    /// <summary>A tile of channels that need no light: cells would cost more than they save.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DrawUnlit(Workbench<V>* bench, int left, int top, bool culls, TileSets* sets)
    {
        SceneRecord* scene = bench->Scene;
        FrameRecord* frame = bench->Frame;
        if (culls)
        {
            TileCulling.Narrow(scene, left, top, sets);
        }
        else
        {
            sets->TakeAllBlocks(scene);
        }

        int bottom = Math.Min(top + SceneRecord.Tile, frame->Height);
        int right = Math.Min(left + SceneRecord.Tile, frame->Width);
        for (var y = top; y < bottom; y += PacketLayout<V>.Height)
        {
            for (var x = left; x < right; x += PacketLayout<V>.Width)
            {
                PacketLayout<V>.Place(x, y, bench->Packets);
                PixelKernel<V>.See(scene, sets->Seen, bench->Packets);
                ChannelWriter<V>.Write(scene, frame, sets, x, y, bench->Packets);
            }
        }
    }

    private static void FindCells(Workbench<V>* bench, int left, int top, bool culls, TileSets* tile)
    {
        SceneRecord* scene = bench->Scene;
        var cells = &bench->Cells;
        if (!culls)
        {
            tile->TakeAllBlocks(scene);
            TileCells.Fill(cells, tile);
        }
        else if (V.Count == 1)
        {
            TileCulling.Narrow(scene, left, top, tile);
            TileCells.Fill(cells, tile);
        }
        else if (tile->HasBlocks)
        {
            CellCulling<V>.Run(scene, left, top, tile, cells);
        }
        else
        {
            TileCells.Clear(cells);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void DrawTile(Workbench<V>* bench, TileSets* sets, int left, int top)
    {
        var frame = bench->Frame;
        int bottom = Math.Min(top + SceneRecord.Tile, frame->Height);
        int right = Math.Min(left + SceneRecord.Tile, frame->Width), width = PacketLayout<V>.Width;
        var cells = &bench->Cells;
        bench->Edges.Count = bench->Edges.Split = 0;
        uint isLong = bench->HasFloor != 0 ? cells->AnySeen : TileCells.All, isHidden = cells->AnyHidden;
        for (var y = top; y < bottom; y += PacketLayout<V>.Height)
        {
            int floor = 0, hidden = 0;   // packets of floor, and a bit for each that is shaded or darkened
            for (var x = left; x < right; x += width)
            {
                var cell = ((y - top) / TileCells.Pixels * TileCells.Side) + ((x - left) / TileCells.Pixels);
                if ((isLong >> cell & 1) != 0)
                {
                    TileCells.Select(cells, sets->Overlays, cell, bench->Sets + bench->Pending);
                    if (TryBegin(bench, x, y))
                    {
                        continue;
                    }
                }

                if ((isHidden >> cell & 1) != 0)
                {
                    TileCells.Select(cells, sets->Overlays, cell, bench->FloorSets + floor);
                    hidden |= 1 << floor;
                }

                bench->FloorX[floor++] = x;
                if (floor == Group)
                {
                    DrawFloor(bench, sets->Overlays, y, floor, hidden);
                    floor = hidden = 0;
                }
            }

            if (floor > 0)
            {
                DrawFloor(bench, sets->Overlays, y, floor, hidden);
            }
        }

        Finish(bench);
        if (bench->Edges.Count > 0)
        {
            SampleEdges(bench);
            DrawEdges(bench, sets->Overlays);
        }
    }

    /// <summary>Floor that is seen alone: packets of one row, side by side or not.</summary>
    /// <param name="bench">Says where they lie and which blocks matter to them.</param>
    /// <param name="overlays">What is painted over them.</param>
    /// <param name="y">The row's first pixels.</param>
    /// <param name="count">Packets, 1 to 4.</param>
    /// <param name="hidden">A bit for each that blocks shade or darken.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void DrawFloor(Workbench<V>* bench, ulong overlays, int y, int count, int hidden)
    {
        SceneRecord* scene = bench->Scene;
        var packets = bench->Packets + Group;
        for (var i = 0; i < count; i++)
        {
            PacketLayout<V>.Place(bench->FloorX[i], y, packets + i);
        }

        var index = y % SceneRecord.Tile / PacketLayout<V>.Height;
        FloorRow<V>* row = bench->Rows + index;
        if ((bench->HasRow >> index & 1) == 0)
        {
            PixelKernel<V>.BeginRow(scene, packets, row);
            bench->HasRow |= 1 << index;
        }

        PixelKernel<V>.ShadeRow(scene, row, packets, count);
        if (hidden == 0)
        {
            PixelKernel<V>.LightBareRow(scene, row, packets, count);
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                packets[i].Sun = packets[i].Open = V.Splat(1f);
                if ((hidden >> i & 1) != 0)
                {
                    PixelKernel<V>.HideFloor(scene, row, bench->FloorSets + i, packets + i);
                }
            }

            PixelKernel<V>.LightRow(scene, row, packets, count);
        }

        var isWhole = overlays == 0 && count == Group && bench->FloorX[0] % SceneRecord.Tile == 0;
        if (isWhole && ChannelWriter<V>.TryWriteRows(packets, bench->Frame, bench->FloorX[0], y))
        {
            return;
        }

        for (var i = 0; i < count; i++)
        {
            Write(bench, overlays, bench->FloorX[i], y, packets + i);
        }
    }

    /// <summary>Sees what a packet's centres see; it waits until a group is full. False: floor alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryBegin(Workbench<V>* bench, int x, int y)
    {
        FrameRecord* frame = bench->Frame;
        var index = bench->Pending;
        var packet = bench->Packets + index;
        var sets = bench->Sets + index;
        PacketLayout<V>.Place(x, y, packet);
        PixelKernel<V>.See(bench->Scene, sets->Seen, packet);
        if (bench->HasFloor != 0 && !V.Any(V.Or(packet->Edge, V.Greater(packet->Id, V.Splat(0.5f)))))
        {
            return false;
        }

        if (!frame->HasRgbAlone)
        {
            ChannelWriter<V>.Write(bench->Scene, frame, sets, x, y, packet);
        }

        if (bench->Scene->View.Samples > 1 && V.Any(packet->Edge))
        {
            EdgeQueue.Take(&bench->Edges, frame, sets, packet);
        }

        bench->X[index] = x;
        bench->Y[index] = y;
        bench->Pending = index + 1;
        if (index + 1 == Group)
        {
            Finish(bench);
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Finish(Workbench<V>* bench)
    {
        var count = bench->Pending;
        if (count == 0)
        {
            return;
        }

        PixelKernel<V>.Illuminate(bench->Scene, bench->Sets, bench->Packets, count);
        for (var i = 0; i < count; i++)
        {
            PixelKernel<V>.Develop(&bench->Scene->Tone, bench->Packets + i);
            Write(bench, bench->Sets[i].Overlays, bench->X[i], bench->Y[i], bench->Packets + i);
        }

        bench->Pending = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(Workbench<V>* bench, ulong overlays, int x, int y, Packet<V>* packet)
    {
        if (overlays != 0)
        {
            PaintOverlays(bench->Scene, overlays, x, y, packet);
        }

        ChannelWriter<V>.WriteBytes(&packet->Display, bench->Frame->Rgb, bench->Frame, x, y);
    }

    /// <summary>Finds which pixels that may have an edge have one, and both surfaces there.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void SampleEdges(Workbench<V>* bench)
    {
        SceneRecord* scene = bench->Scene;
        var edges = &bench->Edges;
        var packet = bench->Packets;
        for (var first = 0; first < edges->Count; first += V.Count)
        {
            var sets = edges->CenterSets + (first / V.Count);
            EdgeQueue.Fill(edges, first, packet);
            PixelKernel<V>.SeeSamples(scene, sets->Seen, packet, &bench->Samples);
            if (V.Any(packet->Edge))
            {
                PixelKernel<V>.TakeFirst(scene, packet, &bench->Samples);
                EdgeQueue.TakeFirst(edges, packet);
                PixelKernel<V>.TakeSecond(scene, packet, &bench->Samples);
                EdgeQueue.TakeSecond(edges, sets, packet);
            }
        }
    }

    /// <summary>The pixels of a tile that have an edge, over what their centres see.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void DrawEdges(Workbench<V>* bench, ulong overlays)
    {
        SceneRecord* scene = bench->Scene;
        var edges = &bench->Edges;
        var one = bench->Packets;
        for (var first = 0; first < edges->Split; first += Pairs * V.Count)
        {
            var count = edges->Split - first > V.Count ? Pairs : 1;
            var others = one + count;
            for (var i = 0; i < count; i++)
            {
                var place = first + (i * V.Count);
                EdgeQueue.FillSurfaces(edges, place, one + i, others + i);
                bench->Sets[i] = bench->Sets[count + i] = edges->SurfaceSets[place / V.Count];
            }

            PixelKernel<V>.Illuminate(scene, bench->Sets, one, 2 * count);
            for (var i = 0; i < count; i++)
            {
                others[i].First = one[i].Color;
                PixelKernel<V>.Blend(others + i);
                PixelKernel<V>.Develop(&scene->Tone, others + i);
                EdgeQueue.Write(edges, first + (i * V.Count), scene, bench->Frame, overlays, others + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PaintOverlays(SceneRecord* scene, ulong overlays, int x, int y, Packet<V>* packet)
    {
        var lanes = stackalloc float[3 * PacketLayout<V>.MaxLanes];
        float* red = lanes, green = red + PacketLayout<V>.MaxLanes, blue = green + PacketLayout<V>.MaxLanes;
        var rgb = stackalloc float[3];
        V.Store(packet->Display.X, red);
        V.Store(packet->Display.Y, green);
        V.Store(packet->Display.Z, blue);
        for (var lane = 0; lane < V.Count; lane++)
        {
            (rgb[0], rgb[1], rgb[2]) = (red[lane], green[lane], blue[lane]);
            int column = lane % PacketLayout<V>.Width, row = lane / PacketLayout<V>.Width;
            OverlayStage.Paint(scene, overlays, x + column, y + row, rgb);
            (red[lane], green[lane], blue[lane]) = (rgb[0], rgb[1], rgb[2]);
        }

        packet->Display.X = V.Load(red);
        packet->Display.Y = V.Load(green);
        packet->Display.Z = V.Load(blue);
    }
}
