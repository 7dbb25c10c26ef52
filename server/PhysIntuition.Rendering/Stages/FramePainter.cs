using System.Runtime.CompilerServices;
using PhysIntuition.Rendering.Stages.Records;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Rendering.Stages;

/// <summary>Walks over the tiles and packets of a frame and writes what the kernel finds.</summary>
internal static unsafe class FramePainter<V> where V : unmanaged, ILanes<V>
{
    /// <summary>Draws one frame; the scratch memory is aligned to 64 bytes.</summary>
    /// <remarks>Without culling every tile takes every block: slower, and the same bytes.</remarks>
    public static void Draw(
        SceneRecord* scene, FrameRecord* frame, bool culls, Packet<V>* packet, SampleSet<V>* samples)
    {
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

                DrawTile(scene, frame, &sets, left, top, packet, samples);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DrawTile(
        SceneRecord* scene, FrameRecord* frame, TileSets* sets, int left, int top, Packet<V>* packet,
        SampleSet<V>* samples)
    {
        int bottom = Math.Min(top + SceneRecord.Tile, frame->Height);
        int right = Math.Min(left + SceneRecord.Tile, frame->Width);
        for (var y = top; y < bottom; y += PacketLayout<V>.Height)
        {
            for (var x = left; x < right; x += PacketLayout<V>.Width)
            {
                DrawPacket(scene, frame, sets, x, y, packet, samples);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void DrawPacket(
        SceneRecord* scene, FrameRecord* frame, TileSets* sets, int x, int y, Packet<V>* packet,
        SampleSet<V>* samples)
    {
        PacketLayout<V>.Place(x, y, packet);
        PixelKernel<V>.See(scene, sets->Seen, packet);
        if (frame->Depth != null || frame->Segmentation != null || frame->Normals != null || frame->Albedo != null)
        {
            ChannelWriter<V>.Write(scene, frame, sets, x, y, packet);
        }

        if (frame->Rgb != null)
        {
            PixelKernel<V>.Shade(scene, sets, packet, samples);
            if (sets->Overlays != 0)
            {
                PaintOverlays(scene, sets->Overlays, x, y, packet);
            }

            ChannelWriter<V>.WriteBytes(&packet->Display, frame->Rgb, frame, x, y);
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
