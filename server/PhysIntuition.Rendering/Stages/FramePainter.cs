using System.Runtime.CompilerServices;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Rendering.Stages;

/// <summary>Walks over the tiles and packets of a frame and writes what the kernel finds.</summary>
internal static unsafe class FramePainter<V> where V : unmanaged, ILanes<V>
{
    /// <summary>Packets that go through the stages together.</summary>
    public const int Group = 4;

    /// <summary>Draws one frame; the scratch memory is aligned to 64 bytes.</summary>
    /// <remarks>Without culling every tile takes every block: slower, and the same bytes.</remarks>
    public static void Draw(
        SceneRecord* scene, FrameRecord* frame, bool culls, GroundCache? cache, Packet<V>* packets,
        SampleSet<V>* samples)
    {
        cache?.Begin(scene, frame);
        for (var top = 0; top < frame->Height; top += SceneRecord.Tile)
        {
            for (var left = 0; left < frame->Width; left += SceneRecord.Tile)
            {
                var sets = TileSets.Of(scene, top / SceneRecord.Tile, left / SceneRecord.Tile);
                if (culls)
                {
                    TileCulling.Narrow(scene, left, top, &sets);
                }
                else
                {
                    sets.TakeAllBlocks(scene);
                }

                var kept = (sets.Seen | sets.Shades | sets.Darkens | sets.Overlays) == 0 ? cache : null;
                if (kept?.TryCopy(frame, left, top) != true)
                {
                    DrawTile(scene, frame, &sets, left, top, packets, samples);
                    kept?.Keep(frame, left, top);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DrawTile(
        SceneRecord* scene, FrameRecord* frame, TileSets* sets, int left, int top, Packet<V>* packets,
        SampleSet<V>* samples)
    {
        int bottom = Math.Min(top + SceneRecord.Tile, frame->Height);
        int right = Math.Min(left + SceneRecord.Tile, frame->Width), width = PacketLayout<V>.Width;
        for (var y = top; y < bottom; y += PacketLayout<V>.Height)
        {
            for (var x = left; x < right; x += Group * width)
            {
                var count = Math.Min(Group, (right - x + width - 1) / width);
                DrawGroup(scene, frame, sets, x, y, packets, count, samples);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void DrawGroup(
        SceneRecord* scene, FrameRecord* frame, TileSets* sets, int left, int y, Packet<V>* packets, int count,
        SampleSet<V>* samples)
    {
        var isPlain = frame->Depth == null && frame->Segmentation == null && frame->Normals == null
            && frame->Albedo == null;
        for (var i = 0; i < count; i++)
        {
            PacketLayout<V>.Place(left + (i * PacketLayout<V>.Width), y, packets + i);
            PixelKernel<V>.See(scene, sets->Seen, packets + i);
            if (!isPlain)
            {
                ChannelWriter<V>.Write(scene, frame, sets, left + (i * PacketLayout<V>.Width), y, packets + i);
            }
        }

        if (frame->Rgb == null)
        {
            return;
        }

        PixelKernel<V>.Shade(scene, sets, packets, count, samples);
        for (var i = 0; i < count; i++)
        {
            var x = left + (i * PacketLayout<V>.Width);
            if (sets->Overlays != 0)
            {
                PaintOverlays(scene, sets->Overlays, x, y, packets + i);
            }

            ChannelWriter<V>.WriteBytes(&packets[i].Display, frame->Rgb, frame, x, y);
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
