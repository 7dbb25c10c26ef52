using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Rendering.Stages;
using PhysIntuition.Rendering.Stages.Preparation;
using PhysIntuition.Rendering.Stages.Records;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Gpu.Stages;

/// <summary>What one thread of a device does: the processor's own stages, in the order of the three launches.</summary>
/// <remarks>
/// The first three arguments are the thread's place. Threads share nothing and wait for nothing, so that the same
/// text runs in a loop on a processor, bit for bit.
/// </remarks>
internal static unsafe class DeviceKernels
{
    /// <summary>Pixels of a tile, one thread each.</summary>
    public const int TilePixels = SceneRecord.Tile * SceneRecord.Tile;

    /// <summary>1. One thread per scene: its record from its input.</summary>
    public static void Prepare(int scene, int y, int z, byte* inputs, int inputBytes, byte* scenes, int sceneBytes)
    {
        var input = (SceneInput*)(inputs + ((long)scene * inputBytes));
        var record = (SceneRecord*)(scenes + ((long)scene * sceneBytes));
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
    public static void Cull(
        int tile, int scene, int z, byte* scenes, int sceneBytes, byte* sets, int columns, int tiles)
    {
        var record = (SceneRecord*)(scenes + ((long)scene * sceneBytes));
        int row = tile / columns, column = tile - (row * columns);
        var target = (TileSets*)sets + (((long)scene * tiles) + tile);
        *target = TileSets.Of(record, row, column);
        TileCulling.Narrow(record, column * SceneRecord.Tile, row * SceneRecord.Tile, target);
    }

    /// <summary>3. One thread per pixel, tile and scene: all channels that have memory.</summary>
    /// <remarks>A warp covers 8 x 4 pixels of the tile: the squarer, the fewer warps does an outline cross.</remarks>
    public static void Draw(
        int pixel, int tile, int scene, byte* scenes, int sceneBytes, byte* sets, int columns, int tiles, int width,
        int height, byte* rgb, byte* depth, byte* segmentation, byte* normals, byte* albedo)
    {
        int warp = pixel >> 5, row = tile / columns;
        var x = ((tile - (row * columns)) * SceneRecord.Tile) + ((warp & 1) << 3) + (pixel & 7);
        var y = (row * SceneRecord.Tile) + ((warp >> 1) << 2) + (pixel >> 3 & 3);
        if (x >= width || y >= height)
        {
            return;
        }

        var first = (long)width * height * scene;
        FrameRecord frame;
        frame.Width = width;
        frame.Height = height;
        frame.Rgb = rgb == null ? null : rgb + (first * 3);
        frame.Depth = depth == null ? null : (float*)depth + first;
        frame.Segmentation = segmentation == null ? null : segmentation + first;
        frame.Normals = normals == null ? null : (float*)normals + (first * 3);
        frame.Albedo = albedo == null ? null : albedo + (first * 3);
        var record = (SceneRecord*)(scenes + ((long)scene * sceneBytes));
        var tileSets = ((TileSets*)sets)[((long)scene * tiles) + tile];
        DrawPixel(record, &frame, &tileSets, x, y);
    }

    private static void DrawPixel(SceneRecord* scene, FrameRecord* frame, TileSets* sets, int x, int y)
    {
        Packet<Lane1> packet;
        SampleSet<Lane1> samples;
        packet.X = Lane1.Splat(x + 0.5f);
        packet.Y = Lane1.Splat(y + 0.5f);
        PixelKernel<Lane1>.See(scene, sets->Seen, &packet);
        ChannelWriter<Lane1>.Write(scene, frame, sets, x, y, &packet);
        if (frame->Rgb == null)
        {
            return;
        }

        PixelKernel<Lane1>.Shade(scene, sets, &packet, 1, &samples);
        if (sets->Overlays != 0)
        {
            PaintOverlays(scene, sets->Overlays, x, y, &packet);
        }

        ChannelWriter<Lane1>.WriteBytes(&packet.Display, frame->Rgb, frame, x, y);
    }

    private static void PaintOverlays(SceneRecord* scene, ulong overlays, int x, int y, Packet<Lane1>* packet)
    {
        var rgb = stackalloc float[3];
        Lane1.Store(packet->Display.X, rgb);
        Lane1.Store(packet->Display.Y, rgb + 1);
        Lane1.Store(packet->Display.Z, rgb + 2);
        OverlayStage.Paint(scene, overlays, x, y, rgb);
        packet->Display.X = Lane1.Load(rgb);
        packet->Display.Y = Lane1.Load(rgb + 1);
        packet->Display.Z = Lane1.Load(rgb + 2);
    }

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
