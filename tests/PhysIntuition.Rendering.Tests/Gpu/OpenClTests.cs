using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;
using PhysIntuition.Rendering.Gpu;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Rendering.Stages;
using PhysIntuition.Rendering.Stages.Preparation;

namespace PhysIntuition.Rendering.Tests.Gpu;

/// <summary>ILGPU's other road, from IL to a device's queue: OpenCL on PoCL, where that is installed.</summary>
public sealed unsafe class OpenClTests
{
    private static nint s_addressOf;

    [Fact]
    public void Draw_ThroughPocl_GivesTheBytesOfTheProcessor()
    {
        // PoCL 3.1 has one flat memory and no name for it: there a pointer without a name reaches all of it.
        SetVariable("POCL_EXTRA_BUILD_FLAGS", "-D__generic= -w", 1);
        NativeLibrary.SetDllImportResolver(
            typeof(Context).Assembly,
            (name, _, _) => name == "OpenCL" && NativeLibrary.TryLoad("libOpenCL.so.1", out var library) ? library : 0);
        using var context = Context.Create(builder => builder.OpenCL(IsPocl).Exact());
        Assert.SkipUnless(context.GetCLDevices().Count > 0, "PoCL is not installed (pocl-opencl-icd).");
        typeof(CLCapabilityContext).GetProperty(nameof(CLCapabilityContext.GenericAddressSpace))!
            .SetValue(context.GetCLDevice(0).Capabilities, true);
        using var accelerator = context.CreateCLAccelerator(0);

        var format = new FrameFormat(77, 53, Given.AllChannels);
        foreach (var ground in Enum.GetValues<Ground>())
        {
            Scene[] scenes =
            [
                .. Enum.GetValues<Look>().Select(look => Given.Clutter((ulong)ground, 7, ground, look)),
                Gallery.Pictures["overlays"](),
            ];

            Assert.Equal(Given.Draw(new CpuRenderer(), format, scenes), Draw(accelerator, format, scenes));
        }
    }

    private static byte[] Draw(CLAccelerator device, FrameFormat format, Scene[] scenes)
    {
        int input = SceneInput.SizeOf(16, 8), record = (ScenePreparation.SizeOf(16, 8) + 15) & ~15;
        int columns = ScenePreparation.TilesOf(format.Width), tiles = columns * ScenePreparation.TilesOf(format.Height);
        var pixels = format.Pixels * scenes.Length;
        using var inputs = device.Allocate1D(Prepare(format, scenes, input));
        using var records = device.Allocate1D<byte>((long)record * scenes.Length);
        using var sets = device.Allocate1D<byte>(tiles * sizeof(TileSets) * scenes.Length);
        using var pictures = device.Allocate1D<byte>(pixels * 23L);
        long scenesAt = AddressOf(device, records), setsAt = AddressOf(device, sets), at = AddressOf(device, pictures);

        device.LoadAutoGroupedStreamKernel<Index1D, PrepareArguments>(DeviceKernels.Prepare)(scenes.Length, new()
        {
            Inputs = AddressOf(device, inputs), Scenes = scenesAt, InputBytes = input, SceneBytes = record,
        });
        device.LoadAutoGroupedStreamKernel<Index1D, CullArguments>(DeviceKernels.Cull)(tiles * scenes.Length, new()
        {
            Scenes = scenesAt, Sets = setsAt, SceneBytes = record, Columns = columns, Tiles = tiles,
        });
        var draw = device.LoadAutoGroupedStreamKernel<Index1D, DrawArguments>(DeviceKernels.Draw);
        draw(DeviceKernels.TilePixels * tiles * scenes.Length, new()
        {
            Scenes = scenesAt, Sets = setsAt, SceneBytes = record, Columns = columns, Tiles = tiles,
            Width = format.Width, Height = format.Height, Depth = at, Normals = at + (pixels * 4L),
            Rgb = at + (pixels * 16L), Albedo = at + (pixels * 19L), Segmentation = at + (pixels * 22L),
        });
        device.Synchronize();
        var bytes = pictures.GetAsArray1D();
        return [.. bytes.AsSpan(pixels * 16), .. bytes.AsSpan(0, pixels * 16)];   // as Given.Draw puts them
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

    private static bool IsPocl(CLDevice device) => device.PlatformName == "Portable Computing Language";

    // An OpenCL buffer's handle is not its address, and the kernels take addresses as numbers.
    private static long AddressOf(CLAccelerator device, MemoryBuffer buffer)
    {
        if (s_addressOf == 0)
        {
            const string text = "kernel void AddressOf(global char* a, global long* b) { *b = (long)a; }";
            CLException.ThrowIfFailed(
                CLKernel.LoadKernel(device, "AddressOf", text, device.CLStdVersion, out _, out s_addressOf, out _));
        }

        using var address = device.Allocate1D<long>(1);
        CLException.ThrowIfFailed(CLAPI.CurrentAPI.SetKernelArgument(s_addressOf, 0, buffer.NativePtr));
        CLException.ThrowIfFailed(CLAPI.CurrentAPI.SetKernelArgument(s_addressOf, 1, address.NativePtr));
        nint one = 1;
        var queue = ((CLStream)device.DefaultStream).CommandQueue;
        CLException.ThrowIfFailed(CLAPI.CurrentAPI.LaunchKernelUnsafe(queue, s_addressOf, 1, null, &one, &one));
        device.Synchronize();
        return address.GetAsArray1D()[0];
    }

    [DllImport("libc", EntryPoint = "setenv")]
    private static extern int SetVariable(string name, string value, int overwrite);
}
