namespace PhysIntuition.Rendering.Stages;

/// <summary>The pixels of a tile that an outline may pass, side by side, so that they fill whole packets.</summary>
/// <remarks>
/// Of a packet's pixels few have an edge, and of those that may have one a third do. A lane's bits follow from its own
/// point alone, so that any packet may hold it. The picture has the centres' colours already; these go over them.
/// </remarks>
internal unsafe struct EdgeQueue
{
    private const int Capacity = (SceneRecord.Tile * SceneRecord.Tile) + (2 * PacketLayout<Lane1>.MaxLanes);

    /// <summary>Pixels that may have an edge, and those whose samples differ.</summary>
    public int Count, Split;

    private Points _centers, _first, _second;

    private fixed float _part[Capacity], _x[Capacity], _y[Capacity];

    private PerEdgePacket<TileSets> _centerSets, _surfaceSets;

    /// <summary>The blocks that matter to the packets of pixels that may have an edge, and that have one.</summary>
    public TileSets* CenterSets => (TileSets*)Unsafe.AsPointer(ref _centerSets);

    /// <inheritdoc cref="CenterSets"/>
    public TileSets* SurfaceSets => (TileSets*)Unsafe.AsPointer(ref _surfaceSets);

    /// <summary>Takes the pixels of a packet that may have an edge, as far as they lie in the picture.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Take<V>(EdgeQueue* queue, FrameRecord* frame, TileSets* sets, Packet<V>* packet)
        where V : unmanaged, ILanes<V>
    {
        V isSeen = V.And(V.Less(packet->X, V.Splat(frame->Width)), V.Less(packet->Y, V.Splat(frame->Height)));
        V isEdge = V.And(packet->Edge, isSeen);
        Points.Take(&queue->_centers, queue->Count, isEdge, packet);
        var count = BitOperations.PopCount(V.Bits(isEdge));
        Join<V>(queue->CenterSets, queue->Count, count, sets);
        queue->Count += count;
    }

    /// <summary>Fills a packet with pixels that may have an edge, from <paramref name="first"/> on.</summary>
    public static void Fill<V>(EdgeQueue* queue, int first, Packet<V>* packet) where V : unmanaged, ILanes<V>
    {
        Points.Fill(&queue->_centers, first, queue->Count, packet);
        packet->Edge = V.FromBits(FirstLanes(queue->Count - first));
    }

    /// <summary>Takes the first surface of those pixels of a sampled packet that have an edge.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void TakeFirst<V>(EdgeQueue* queue, Packet<V>* packet) where V : unmanaged, ILanes<V>
    {
        V isEdge = packet->Edge;
        var count = queue->Split;
        Points.Take(&queue->_first, count, isEdge, packet);
        V.Compress(isEdge, packet->Part, queue->_part + count);
        V.Compress(isEdge, packet->CenterX, queue->_x + count);
        V.Compress(isEdge, packet->CenterY, queue->_y + count);
    }

    /// <summary>Takes the second surface of the same pixels.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void TakeSecond<V>(EdgeQueue* queue, TileSets* sets, Packet<V>* packet)
        where V : unmanaged, ILanes<V>
    {
        Points.Take(&queue->_second, queue->Split, packet->Edge, packet);
        var count = BitOperations.PopCount(V.Bits(packet->Edge));
        Join<V>(queue->SurfaceSets, queue->Split, count, sets);
        queue->Split += count;
    }

    /// <summary>Fills two packets with both surfaces of pixels, from <paramref name="first"/> on.</summary>
    public static void FillSurfaces<V>(EdgeQueue* queue, int first, Packet<V>* one, Packet<V>* other)
        where V : unmanaged, ILanes<V>
    {
        Points.Fill(&queue->_first, first, queue->Split, one);
        Points.Fill(&queue->_second, first, queue->Split, other);
        other->Part = V.Load(queue->_part + first);
    }

    /// <summary>Writes a drawn packet's pixels, the overlays over them.</summary>
    public static void Write<V>(
        EdgeQueue* queue, int first, SceneRecord* scene, FrameRecord* frame, ulong overlays, Packet<V>* packet)
        where V : unmanaged, ILanes<V>
    {
        float* red = (float*)&packet->Display.X, green = (float*)&packet->Display.Y, blue = (float*)&packet->Display.Z;
        var rgb = stackalloc float[3];
        var count = Math.Min(V.Count, queue->Split - first);
        for (var lane = 0; lane < count; lane++)
        {
            int x = (int)queue->_x[first + lane], y = (int)queue->_y[first + lane];   // centres: half a pixel more
            var target = frame->Rgb + (((y * frame->Width) + x) * 3);
            (rgb[0], rgb[1], rgb[2]) = (red[lane], green[lane], blue[lane]);
            if (overlays != 0)
            {
                OverlayStage.Paint(scene, overlays, x, y, rgb);
            }

            (target[0], target[1], target[2]) = ((byte)(int)rgb[0], (byte)(int)rgb[1], (byte)(int)rgb[2]);
        }
    }

    // The packets that the pixels from 'first' on come to lie in get their blocks too.
    private static void Join<V>(TileSets* all, int first, int count, TileSets* sets) where V : unmanaged, ILanes<V>
    {
        for (var i = first / V.Count; i * V.Count < first + count; i++)
        {
            var isNew = i * V.Count >= first;
            all[i].Seen = sets->Seen | (isNew ? 0 : all[i].Seen);
            all[i].Shades = sets->Shades | (isNew ? 0 : all[i].Shades);
            all[i].Darkens = sets->Darkens | (isNew ? 0 : all[i].Darkens);
            all[i].Overlays = sets->Overlays;
        }
    }

    private static uint FirstLanes(int count) => count >= 32 ? uint.MaxValue : (1u << count) - 1;

    /// <summary>Points of surfaces, as a packet has them.</summary>
    private struct Points
    {
        private fixed float _x[Capacity], _y[Capacity], _inverse[Capacity], _id[Capacity];

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Take<V>(Points* points, int index, V chosen, Packet<V>* packet)
            where V : unmanaged, ILanes<V>
        {
            V.Compress(chosen, packet->X, points->_x + index);
            V.Compress(chosen, packet->Y, points->_y + index);
            V.Compress(chosen, packet->Inverse, points->_inverse + index);
            V.Compress(chosen, packet->Id, points->_id + index);
        }

        // Behind the last point the last packet is filled with its first one.
        public static void Fill<V>(Points* points, int first, int count, Packet<V>* packet)
            where V : unmanaged, ILanes<V>
        {
            if (count - first < V.Count)
            {
                V.Store(V.Splat(points->_x[first]), points->_x + count);
                V.Store(V.Splat(points->_y[first]), points->_y + count);
                V.Store(V.Splat(points->_inverse[first]), points->_inverse + count);
                V.Store(V.Splat(points->_id[first]), points->_id + count);
            }

            packet->X = V.Load(points->_x + first);
            packet->Y = V.Load(points->_y + first);
            packet->Inverse = V.Load(points->_inverse + first);
            packet->Id = V.Load(points->_id + first);
        }
    }
}

/// <summary>One for each packet that a tile's edges may fill: as many as it has pixels where a packet is one.</summary>
[InlineArray(SceneRecord.Tile * SceneRecord.Tile)]
internal struct PerEdgePacket<T> where T : unmanaged
{
    private T _first;
}
