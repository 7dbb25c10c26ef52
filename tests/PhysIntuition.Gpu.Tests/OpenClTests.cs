using System.Runtime.InteropServices;
using PhysIntuition.Gpu.Stages;
using PhysIntuition.Gpu.Tests.OpenCl;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Rendering.Stages;
using PhysIntuition.Rendering.Stages.Preparation;
using PhysIntuition.Rendering.Stages.Records;
using PhysIntuition.Rendering.Tests;

namespace PhysIntuition.Gpu.Tests;

/// <summary>The same text through LLVM: PoCL compiles it as OpenCL C and runs it on the processor.</summary>
public sealed unsafe class OpenClTests
{
    [Fact]
    public void Draw_ThroughPocl_GivesTheBytesOfTheProcessor()
    {
        var isThere = OpenClDevice.TryBuild(
            OpenClPrelude.Text + DeviceText.Body, OpenClPrelude.Options, out var device, out var reason);
        Assert.SkipUnless(isThere, reason);

        using (device)
        {
            var format = new FrameFormat(77, 53, Given.AllChannels);
            foreach (var ground in Enum.GetValues<Ground>())
            {
                Scene[] scenes = [.. Enum.GetValues<Look>().Select(
                    look => Given.Clutter((ulong)ground, 7, ground, look)), Gallery.Pictures["overlays"]()];

                Assert.Equal(Given.Draw(new CpuRenderer(), format, scenes), Draw(device!, format, scenes));
            }
        }
    }

    private static byte[] Draw(OpenClDevice device, FrameFormat format, Scene[] scenes)
    {
        int input = SceneInput.SizeOf(16, 8), record = (ScenePreparation.SizeOf(16, 8) + 15) & ~15;
        int columns = ScenePreparation.TilesOf(format.Width), tiles = columns * ScenePreparation.TilesOf(format.Height);
        var pixels = format.Pixels * scenes.Length;
        nint inputs = device.Buffer(input * scenes.Length), records = device.Buffer((long)record * scenes.Length);
        nint sets = device.Buffer(tiles * sizeof(TileSets) * scenes.Length);
        nint rgb = device.Buffer(pixels * 3), albedo = device.Buffer(pixels * 3), ids = device.Buffer(pixels);
        nint depth = device.Buffer(pixels * 4), normals = device.Buffer(pixels * 12);

        device.Write(inputs, Prepare(format, scenes, input));
        device.Run("Prepare", (scenes.Length, 1, 1), inputs, input, records, record);
        device.Run("Cull", (tiles, scenes.Length, 1), records, record, sets, columns, tiles);
        device.Run(
            "Draw", (DeviceKernels.TilePixels, tiles, scenes.Length), records, record, sets, columns, tiles,
            format.Width, format.Height, rgb, depth, ids, normals, albedo);
        return
        [
            .. device.Read(rgb, pixels * 3), .. device.Read(albedo, pixels * 3), .. device.Read(ids, pixels),
            .. device.Read(depth, pixels * 4), .. device.Read(normals, pixels * 12),
        ];
    }

    private static byte[] Prepare(FrameFormat format, Scene[] scenes, int stride)
    {
        var bytes = new byte[stride * scenes.Length];
        var scratch = NativeMemory.AlignedAlloc((nuint)ScenePreparation.SizeOf(64, 64), 64);
        fixed (byte* target = bytes)
        {
            for (var i = 0; i < scenes.Length; i++)
            {
                SceneUpload.Fill(scenes[i], format, (SceneRecord*)scratch, (SceneInput*)(target + (i * stride)));
            }
        }

        NativeMemory.AlignedFree(scratch);
        return bytes;
    }
}
