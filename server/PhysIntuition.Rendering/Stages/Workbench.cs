namespace PhysIntuition.Rendering.Stages;

/// <summary>One thread's memory while it draws a frame. It lies at a multiple of 64 bytes and never moves.</summary>
internal unsafe struct Workbench<V> where V : unmanaged
{
    public PerPacket<Packet<V>> PacketRoom, MoreRoom;

    /// <summary>What the samples of a packet see.</summary>
    public SampleSet<V> Samples;

    public PerPacket<TileSets> SetRoom, FloorSetRoom;

    /// <summary>What floor that is seen alone has in common along each row of packets of a row of tiles.</summary>
    public PerRow<FloorRow<V>> RowRoom;

    public SceneRecord* Scene;
    public FrameRecord* Frame;

    /// <summary>Packets that wait for a full group.</summary>
    public int Pending;

    /// <summary>Not 0 where floor that is seen alone goes its own way.</summary>
    public int HasFloor;

    /// <summary>Bit i: row i of <see cref="Rows"/> is filled.</summary>
    public int HasRow;

    /// <summary>Where the packets' first pixels lie.</summary>
    public fixed int X[4], Y[4], FloorX[4];

    /// <summary>Where in the tile that is being drawn blocks matter.</summary>
    public TileCells Cells;

    /// <summary>The tile's pixels with an edge.</summary>
    public EdgeQueue Edges;

    /// <summary>A group on the long way, and behind it one of floor that is seen alone.</summary>
    public Packet<V>* Packets => (Packet<V>*)Unsafe.AsPointer(ref PacketRoom);

    /// <summary>The blocks that matter to each packet of the first group, and of the second.</summary>
    public TileSets* Sets => (TileSets*)Unsafe.AsPointer(ref SetRoom);

    /// <inheritdoc cref="Sets"/>
    public TileSets* FloorSets => (TileSets*)Unsafe.AsPointer(ref FloorSetRoom);

    /// <summary>The rows of packets from the top of the tiles on, filled where <see cref="HasRow"/> says so.</summary>
    public FloorRow<V>* Rows => (FloorRow<V>*)Unsafe.AsPointer(ref RowRoom);
}

/// <summary>One for each packet of a group.</summary>
[InlineArray(4)]
internal struct PerPacket<T> where T : unmanaged
{
    private T _first;
}

/// <summary>One for each row of packets of a tile: as many as it has pixels where a packet is one of them.</summary>
[InlineArray(SceneRecord.Tile)]
internal struct PerRow<T> where T : unmanaged
{
    private T _first;
}
