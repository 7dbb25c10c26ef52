using ILGPU;
using PhysIntuition.Rendering.Stages;
using PhysIntuition.Rendering.Stages.Preparation;

namespace PhysIntuition.Rendering.Gpu;

/// <summary>What one thread of a device does: the processor's own stages, in the order of the three launches.</summary>
/// <remarks>
/// ILGPU takes no pointers as arguments and knows no memory taken from the stack: addresses come as numbers. Threads
/// share nothing and wait for nothing.
/// </remarks>
internal static unsafe class DeviceKernels
{
    /// <summary>Pixels of a tile, one thread each.</summary>
    public const int TilePixels = SceneRecord.Tile * SceneRecord.Tile;

    /// <summary>1. One thread per scene: its record from its input.</summary>
    public static void Prepare(Index1D scene, PrepareArguments arguments)
    {
        var input = (SceneInput*)(arguments.Inputs + ((long)(int)scene * arguments.InputBytes));
        var record = (SceneRecord*)(arguments.Scenes + ((long)(int)scene * arguments.SceneBytes));
        var from = (byte*)input;
        CopyWords((uint*)(from + input->HeadAt), (uint*)record, input->HeadSize);
        ScenePreparation.RunBlocks(
            (Block*)(from + input->BlocksAt), input->Blocks, &input->Look, input->PerUnit, input->Rows, input->Columns,
            record);
        record->Zones = input->Zones;
        record->Overlays = input->Overlays;
        var zones = (ZoneRecord*)((BlockRecord*)(record + 1) + record->Blocks);
        CopyWords((uint*)(from + input->ZonesAt), (uint*)zones, input->Zones * sizeof(ZoneRecord));
        if (input->Overlays > 0)
        {
            CopyOverlays(input, record);
        }
    }

    /// <summary>2. One thread per tile and scene: the blocks that matter there.</summary>
    public static void Cull(Index1D place, CullArguments arguments)
    {
        int scene = place / arguments.Tiles, tile = place - (scene * arguments.Tiles);
        var record = (SceneRecord*)(arguments.Scenes + ((long)scene * arguments.SceneBytes));
        int row = tile / arguments.Columns, column = tile - (row * arguments.Columns);
        var target = (TileSets*)arguments.Sets + (((long)scene * arguments.Tiles) + tile);
        *target = TileSets.Of(record, row, column);
        TileCulling.Narrow(record, column * SceneRecord.Tile, row * SceneRecord.Tile, target);
    }

    /// <summary>3. One thread per pixel, tile and scene: all channels that have memory.</summary>
    /// <remarks>A warp covers 8 x 4 pixels of the tile: the squarer, the fewer warps does an outline cross.</remarks>
    [SkipLocalsInit]
    public static void Draw(Index1D place, DrawArguments arguments)
    {
        int pixel = place % TilePixels, cell = place / TilePixels;
        int scene = cell / arguments.Tiles, tile = cell - (scene * arguments.Tiles);
        int warp = pixel >> 5, row = tile / arguments.Columns;
        var x = ((tile - (row * arguments.Columns)) * SceneRecord.Tile) + ((warp & 1) << 3) + (pixel & 7);
        var y = (row * SceneRecord.Tile) + ((warp >> 1) << 2) + (pixel >> 3 & 3);
        if (x >= arguments.Width || y >= arguments.Height)
        {
            return;
        }

        var record = (SceneRecord*)(arguments.Scenes + ((long)scene * arguments.SceneBytes));
        var sets = (TileSets*)arguments.Sets + (((long)scene * arguments.Tiles) + tile);
        var at = ((((long)scene * arguments.Height) + y) * arguments.Width) + x;
        Packet<Lane1> packet;
        packet.X = Lane1.Splat(x + 0.5f);
        packet.Y = Lane1.Splat(y + 0.5f);
        PixelKernel<Lane1>.See(record, sets->Seen, &packet);
        WriteChannels(record, arguments, sets, at, &packet);
        if (arguments.Rgb != 0)
        {
            SampleSet<Lane1> samples;
            PixelKernel<Lane1>.Shade(record, sets, &packet, &samples);
            WriteColor(record, sets->Overlays, x, y, &packet, (byte*)arguments.Rgb + (at * 3));
        }
    }

    private static void WriteChannels(
        SceneRecord* scene, DrawArguments arguments, TileSets* sets, long at, Packet<Lane1>* packet)
    {
        var isThere = packet->Inverse.Value > 0f;
        if (arguments.Depth != 0)
        {
            ((float*)arguments.Depth)[at] =
                isThere ? scene->MetresPerUnit / packet->Inverse.Value : float.PositiveInfinity;
        }

        if (arguments.Segmentation != 0)
        {
            ((byte*)arguments.Segmentation)[at] = ToByte(packet->Id.Value);
        }

        if (arguments.Normals == 0 && arguments.Albedo == 0)
        {
            return;
        }

        PixelKernel<Lane1>.Describe(scene, sets, packet);
        if (arguments.Normals != 0)
        {
            var target = (float*)arguments.Normals + (at * 3);
            target[0] = isThere ? packet->Face.X.Value : 0f;
            target[1] = isThere ? packet->Face.Y.Value : 0f;
            target[2] = isThere ? packet->Face.Z.Value : 0f;
        }

        if (arguments.Albedo != 0)
        {
            WriteAlbedo(isThere, packet, (byte*)arguments.Albedo + (at * 3));
        }
    }

    private static void WriteAlbedo(bool isThere, Packet<Lane1>* packet, byte* target)
    {
        packet->Color.X = isThere ? packet->Color.X : Lane1.Zero;
        packet->Color.Y = isThere ? packet->Color.Y : Lane1.Zero;
        packet->Color.Z = isThere ? packet->Color.Z : Lane1.Zero;
        var plain = ToneCurve.Plain;
        PixelKernel<Lane1>.Develop(&plain, packet);
        WriteBytes(packet->Display.X.Value, packet->Display.Y.Value, packet->Display.Z.Value, target);
    }

    private static void WriteColor(
        SceneRecord* scene, ulong overlays, int x, int y, Packet<Lane1>* packet, byte* target)
    {
        Triple color;
        color.X = packet->Display.X.Value;
        color.Y = packet->Display.Y.Value;
        color.Z = packet->Display.Z.Value;
        if (overlays != 0)
        {
            OverlayStage.Paint(scene, overlays, x, y, &color.X);
        }

        WriteBytes(color.X, color.Y, color.Z, target);
    }

    private static void WriteBytes(float x, float y, float z, byte* target)
    {
        target[0] = ToByte(x);
        target[1] = ToByte(y);
        target[2] = ToByte(z);
    }

    // ILGPU takes (byte)(int)x for one step, which on CUDA ends at 0 and not at 255 for -1.
    private static byte ToByte(float value) => (byte)((int)value & 255);

    private static void CopyOverlays(SceneInput* input, SceneRecord* record)
    {
        const int first = SceneRecord.MaxTiles * (int)TileMasks.Kind.Overlay;
        var from = (byte*)input;
        CopyWords(
            (uint*)(from + input->OverlaysAt), (uint*)OverlayStage.Overlays(record),
            input->Overlays * sizeof(OverlayRecord));
        var masks = (ulong*)(from + input->MasksAt);
        for (var i = 0; i < input->Rows; i++)
        {
            record->Masks.Rows[first + i] = masks[i];
        }

        for (var i = 0; i < input->Columns; i++)
        {
            record->Masks.Columns[first + i] = masks[SceneRecord.MaxTiles + i];
        }
    }

    private static void CopyWords(uint* from, uint* to, int bytes)
    {
        for (var i = 0; i < bytes / sizeof(uint); i++)
        {
            to[i] = from[i];
        }
    }
}

/// <summary>Addresses on the device, and bytes from one scene to the next.</summary>
internal struct PrepareArguments
{
    public long Inputs, Scenes;

    public int InputBytes, SceneBytes;
}

/// <inheritdoc cref="PrepareArguments"/>
internal struct CullArguments
{
    public long Scenes, Sets;

    public int SceneBytes, Columns, Tiles;
}

/// <inheritdoc cref="PrepareArguments"/>
/// <remarks>An address of 0 is a channel that is not wanted.</remarks>
internal struct DrawArguments
{
    public long Scenes, Sets, Rgb, Depth, Segmentation, Normals, Albedo;

    public int SceneBytes, Columns, Tiles, Width, Height;
}
