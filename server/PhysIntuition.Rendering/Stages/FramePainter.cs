using System.Runtime.CompilerServices;
using PhysIntuition.Rendering.Stages.Records;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Rendering.Stages;

/// <summary>Walks over the tiles and packets of a frame and writes what the kernel finds.</summary>
internal static unsafe class FramePainter<V> where V : unmanaged, ILanes<V>
{
    /// <summary>Draws one frame; the scratch memory is aligned to 64 bytes.</summary>
    public static void Draw(SceneRecord* scene, FrameRecord* frame, Packet<V>* packet, SampleSet<V>* samples)
    {
        for (var top = 0; top < frame->Height; top += SceneRecord.Tile)
        {
            for (var left = 0; left < frame->Width; left += SceneRecord.Tile)
            {
                var sets = TileSets.Of(scene, top / SceneRecord.Tile, left / SceneRecord.Tile);
                DrawTile(scene, frame, &sets, left, top, packet, samples);
            }
        }
    }

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

    [MethodImpl(MethodImplOptions.NoInlining)]
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
            ChannelWriter<V>.WriteBytes(&packet->Display, frame->Rgb, frame, x, y);
        }
    }
}
