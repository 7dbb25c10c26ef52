using ILGPU;
using PhysIntuition.Rendering.Stages;
using PhysIntuition.Rendering.Stages.Records;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Rendering.Ilgpu;

/// <summary>What one thread does: the one-lane kernel on one pixel, from a prepared scene.</summary>
/// <remarks>
/// ILGPU knows no memory taken from the stack and no pointers as arguments: bytes are written here, and addresses come
/// as numbers. An address of 0 is a channel that is not wanted.
/// </remarks>
internal static unsafe class IlgpuKernel
{
    /// <summary>Draws pixel (x, y) of scene z.</summary>
    public static void Draw(Index3D place, DrawArguments arguments)
    {
        int x = place.X, y = place.Y, tile = SceneRecord.Tile;
        var scene = (SceneRecord*)(arguments.Scenes + ((long)place.Z * arguments.SceneBytes));
        var pixel = ((((long)place.Z * arguments.Height) + y) * arguments.Width) + x;
        var sets = TileSets.Of(scene, y / tile, x / tile);
        TileCulling.Narrow(scene, x / tile * tile, y / tile * tile, &sets);

        Packet<Lane1> packet = default;
        packet.X = Lane1.Splat(x + 0.5f);
        packet.Y = Lane1.Splat(y + 0.5f);
        PixelKernel<Lane1>.See(scene, sets.Seen, &packet);
        if (arguments.Depth != 0)
        {
            var isThere = packet.Inverse.Value > 0f;
            ((float*)arguments.Depth)[pixel] =
                isThere ? scene->MetresPerUnit / packet.Inverse.Value : float.PositiveInfinity;
        }

        if (arguments.Segmentation != 0)
        {
            ((byte*)arguments.Segmentation)[pixel] = (byte)(int)packet.Id.Value;
        }

        if (arguments.Rgb != 0)
        {
            SampleSet<Lane1> samples = default;
            PixelKernel<Lane1>.Shade(scene, &sets, &packet, 1, &samples);
            Write(scene, sets.Overlays, x, y, &packet, (byte*)arguments.Rgb + (pixel * 3));
        }
    }

    /// <summary>a b + c, in the device's own way.</summary>
    public static float MultiplyAdd(float a, float b, float c) => (a * b) + c;

    private static void Write(SceneRecord* scene, ulong overlays, int x, int y, Packet<Lane1>* packet, byte* target)
    {
        Triple color;
        color.X = packet->Display.X.Value;
        color.Y = packet->Display.Y.Value;
        color.Z = packet->Display.Z.Value;
        if (overlays != 0)
        {
            OverlayStage.Paint(scene, overlays, x, y, &color.X);
        }

        target[0] = (byte)(int)color.X;
        target[1] = (byte)(int)color.Y;
        target[2] = (byte)(int)color.Z;
    }
}

/// <summary>Addresses on the device and sizes.</summary>
internal struct DrawArguments
{
    public long Scenes, Rgb, Depth, Segmentation;

    /// <summary>Bytes from one scene's record to the next.</summary>
    public int SceneBytes;

    /// <summary>Pixels.</summary>
    public int Width, Height;
}
