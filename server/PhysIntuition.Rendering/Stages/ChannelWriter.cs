namespace PhysIntuition.Rendering.Stages;

/// <summary>Writes the channels of a packet that were asked for.</summary>
internal static unsafe class ChannelWriter<V> where V : unmanaged, ILanes<V>
{
    private const int MaxLanes = PacketLayout<V>.MaxLanes;

    /// <summary>Depth, segmentation, normals and albedo at the centres of the pixels.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Write(SceneRecord* scene, FrameRecord* frame, TileSets* sets, int x, int y, Packet<V>* packet)
    {
        if (frame->Depth != null)
        {
            WriteDepth(scene, frame, x, y, packet);
        }

        if (frame->Segmentation != null)
        {
            WriteSegmentation(frame, x, y, packet);
        }

        if (frame->Normals == null && frame->Albedo == null)
        {
            return;
        }

        PixelKernel<V>.Describe(scene, sets, packet);
        if (frame->Normals != null)
        {
            WriteNormals(frame, x, y, packet);
        }

        if (frame->Albedo != null)
        {
            WriteAlbedo(frame, x, y, packet);
        }
    }

    /// <summary>Three bytes per pixel, from values in [0, 255.5).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteBytes(Triple<V>* values, byte* channel, FrameRecord* frame, int x, int y)
    {
        var stride = frame->Width * 3;
        var target = channel + (y * stride) + (x * 3);
        if (IsWhole(frame, x, y))
        {
            PacketLayout<V>.StoreBytes(values, target, stride);
            return;
        }

        WritePart(values, target, frame, x, y);
    }

    /// <summary>Colours of the four packets of a tile's row, where all of it lies in the picture.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryWriteRows(Packet<V>* packets, FrameRecord* frame, int x, int y) =>
        x + SceneRecord.Tile <= frame->Width && y + PacketLayout<V>.Height <= frame->Height
        && PacketLayout<V>.TryStoreRows(packets, frame->Rgb + (((y * frame->Width) + x) * 3), frame->Width * 3);

    // Apart, because a method that allocates on the stack is not inlined.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WritePart(Triple<V>* values, byte* target, FrameRecord* frame, int x, int y)
    {
        var whole = stackalloc byte[MaxLanes * 3];
        PacketLayout<V>.StoreBytes(values, whole, PacketLayout<V>.Width * 3);
        PacketLayout<V>.CopyPart(whole, target, frame->Width * 3, Columns(frame, x), Rows(frame, y), 3);
    }

    private static void WriteDepth(SceneRecord* scene, FrameRecord* frame, int x, int y, Packet<V>* packet)
    {
        V isThere = V.Greater(packet->Inverse, V.Zero);
        V depth = V.Splat(scene->MetresPerUnit) / packet->Inverse;
        var whole = stackalloc float[MaxLanes];
        V.Store(V.Select(isThere, depth, V.Splat(float.PositiveInfinity)), whole);
        PacketLayout<V>.CopyPart(
            whole, frame->Depth + (y * frame->Width) + x, frame->Width, Columns(frame, x), Rows(frame, y), 1);
    }

    private static void WriteSegmentation(FrameRecord* frame, int x, int y, Packet<V>* packet)
    {
        var target = frame->Segmentation + (y * frame->Width) + x;
        if (IsWhole(frame, x, y))
        {
            PacketLayout<V>.StoreBytes(packet->Id, target, frame->Width);
            return;
        }

        var whole = stackalloc byte[MaxLanes];
        PacketLayout<V>.StoreBytes(packet->Id, whole, PacketLayout<V>.Width);
        PacketLayout<V>.CopyPart(whole, target, frame->Width, Columns(frame, x), Rows(frame, y), 1);
    }

    private static void WriteNormals(FrameRecord* frame, int x, int y, Packet<V>* packet)
    {
        V isThere = V.Greater(packet->Inverse, V.Zero);
        var lanes = stackalloc float[MaxLanes * 3];
        var whole = stackalloc float[MaxLanes * 3];
        V.Store(V.Select(isThere, packet->Face.X, V.Zero), lanes);
        V.Store(V.Select(isThere, packet->Face.Y, V.Zero), lanes + MaxLanes);
        V.Store(V.Select(isThere, packet->Face.Z, V.Zero), lanes + (2 * MaxLanes));
        for (var i = 0; i < V.Count * 3; i++)
        {
            whole[i] = lanes[(i % 3 * MaxLanes) + (i / 3)];
        }

        PacketLayout<V>.CopyPart(
            whole, frame->Normals + (((y * frame->Width) + x) * 3), frame->Width * 3,
            Columns(frame, x), Rows(frame, y), 3);
    }

    private static void WriteAlbedo(FrameRecord* frame, int x, int y, Packet<V>* packet)
    {
        V isThere = V.Greater(packet->Inverse, V.Zero);
        packet->Color.X = V.Select(isThere, packet->Color.X, V.Zero);
        packet->Color.Y = V.Select(isThere, packet->Color.Y, V.Zero);
        packet->Color.Z = V.Select(isThere, packet->Color.Z, V.Zero);
        var plain = ToneCurve.Plain;
        PixelKernel<V>.Develop(&plain, packet);
        WriteBytes(&packet->Display, frame->Albedo, frame, x, y);
    }

    private static bool IsWhole(FrameRecord* frame, int x, int y) =>
        x + PacketLayout<V>.Width <= frame->Width && y + PacketLayout<V>.Height <= frame->Height;

    private static int Columns(FrameRecord* frame, int x) => Math.Min(PacketLayout<V>.Width, frame->Width - x);

    private static int Rows(FrameRecord* frame, int y) => Math.Min(PacketLayout<V>.Height, frame->Height - y);
}
