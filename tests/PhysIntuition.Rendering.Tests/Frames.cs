using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Every channel of one drawn scene.</summary>
internal sealed record Frames(byte[] Rgb, float[] Depth, byte[] Segmentation, float[] Normals, byte[] Albedo)
{
    public static Frames Of(Scene scene, int width, int height, int samples = 4)
    {
        var pixels = width * height;
        var frames = new Frames(
            new byte[pixels * 3], new float[pixels], new byte[pixels], new float[pixels * 3], new byte[pixels * 3]);
        new CpuRenderer().Draw([scene], new(width, height, Given.AllChannels, samples), new()
        {
            Rgb = frames.Rgb, Depth = frames.Depth, Segmentation = frames.Segmentation, Normals = frames.Normals,
            Albedo = frames.Albedo,
        });

        return frames;
    }
}
