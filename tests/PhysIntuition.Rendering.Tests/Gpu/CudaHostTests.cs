using PhysIntuition.Faults;
using PhysIntuition.Rendering.Gpu;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests.Gpu;

/// <summary>The host's whole path for real, on the stand-in: loading, launches, errors, lifetimes.</summary>
[Collection("alone")]
public sealed class CudaHostTests
{
    private static readonly FrameFormat s_small = new(16, 16);

    [Fact]
    public void TryCreate_WithoutDriver_SaysSo()
    {
        var isThere = CudaRenderer.TryCreate("libno-such-driver.so", out _, out var reason);

        Assert.False(isThere);
        Assert.Equal("No CUDA driver (libno-such-driver.so) is installed.", reason);
    }

    [Fact]
    public void Create_DeviceThatIsNotThere_NamesIt()
    {
        var fault = Assert.Throws<NotSupportedException>(() => new CudaRenderer(CudaStandIn.Library, device: 3));

        Assert.Equal("There is no CUDA device 3: the driver sees 1.", fault.Message);
    }

    [Fact]
    public void Create_NamesTheDevice()
    {
        using var renderer = new CudaRenderer(CudaStandIn.Library);

        Assert.Equal("Stand-in for a GPU, compute capability 9.0, CUDA 12.9", renderer.Device);
        Assert.Equal(new CpuRenderer().Name, renderer.Name);
    }

    [Fact]
    public void TryCreate_DeviceTooOld_SaysSo()
    {
        var before = CudaStandIn.Live;
        CudaStandIn.SetCapability(75);
        try
        {
            Assert.False(CudaRenderer.TryCreate(CudaStandIn.Library, out _, out var reason));
            Assert.Contains("compute capability 8.0 is the minimum", reason);
            Assert.Equal(before, CudaStandIn.Live);
        }
        finally
        {
            CudaStandIn.SetCapability(90);
        }
    }

    [Fact]
    public void Dispose_GivesEverythingBack()
    {
        var before = CudaStandIn.Live;
        var renderer = new CudaRenderer(CudaStandIn.Library);
        AssertSame(renderer, Given.Clutter(1, 3), Given.Clutter(2, 12));
        AssertSame(renderer, Given.Clutter(3, 40));
        Assert.True(CudaStandIn.Live > before);

        renderer.Dispose();
        renderer.Dispose();

        Assert.Equal(before, CudaStandIn.Live);
        Assert.Throws<ObjectDisposedException>(() => AssertSame(renderer, Given.OneCube()));
    }

    [Theory]
    [InlineData("cuInit", 999)]
    [InlineData("cuDeviceGet", 101)]
    [InlineData("cuDevicePrimaryCtxRetain", 2)]
    [InlineData("cuModuleLoadData", 200)]
    [InlineData("cuModuleGetFunction", 500)]
    [InlineData("cuEventCreate", 2)]
    public void Create_CallThatFails_IsNamedAndNothingLeaks(string call, int code)
    {
        var before = CudaStandIn.Live;
        CudaStandIn.Fail(call, code);

        var isThere = CudaRenderer.TryCreate(CudaStandIn.Library, out _, out var reason);

        Assert.False(isThere);
        Assert.Contains($"{call} failed: ", reason);
        Assert.Contains($"({code}).", reason);
        Assert.Equal(before, CudaStandIn.Live);
    }

    [Theory]
    [InlineData("cuMemAlloc_v2", 2, "out of memory")]
    [InlineData("cuMemAllocHost_v2", 2, "out of memory")]
    [InlineData("cuMemcpyHtoDAsync_v2", 700, "CUDA_ERROR_ILLEGAL_ADDRESS")]
    [InlineData("cuLaunchKernel", 1, "CUDA_ERROR_INVALID_VALUE")]
    [InlineData("cuStreamSynchronize", 700, "CUDA_ERROR_ILLEGAL_ADDRESS")]
    public void Draw_CallThatFails_IsNamedAndTheNextOneDraws(string call, int code, string reason)
    {
        var before = CudaStandIn.Live;
        using (var renderer = new CudaRenderer(CudaStandIn.Library))
        {
            CudaStandIn.Fail(call, code);
            var fault = Assert.Throws<CudaException>(() => AssertSame(renderer, Given.OneCube()));

            Assert.Equal((call, code), (fault.Call, fault.Code));
            Assert.Contains(reason, fault.Message);
            AssertSame(renderer, Given.OneCube());
        }

        Assert.Equal(before, CudaStandIn.Live);
    }

    [Fact]
    public void Draw_IntoDeviceMemory_ComesInOrderOfTheStreamWithoutWaiting()
    {
        var renderer = CudaStandIn.Renderer;
        Scene[] scenes = [Given.Clutter(1, 5), Given.Clutter(2, 5), Given.OneCube()];
        var memory = renderer.Allocate(scenes.Length * s_small.BytesOf(Channels.Rgb));
        var launches = CudaStandIn.Launches;

        renderer.Draw(scenes, s_small, new DeviceFrames { Rgb = memory });
        Assert.Equal(launches + 3, CudaStandIn.Launches);
        scenes[0].Blocks.Clear();   // the caller's again
        var pixels = new byte[memory.Bytes];
        renderer.Download(memory, pixels);
        renderer.Free(memory);

        scenes[0] = Given.Clutter(1, 5);
        Assert.Equal(Rgb(new CpuRenderer(), scenes), pixels);
    }

    [Fact]
    public void Draw_MoreScenesThanFitInOneChunk_GoesThroughReusedMemory()
    {
        Scene[] some = [Given.Clutter(1, 2), Given.OneCube(), Given.Clutter(4, 1)];
        Scene[] scenes = [.. Enumerable.Range(0, 5000).Select(i => some[i * i % 3])];
        var launches = CudaStandIn.Launches;

        Assert.Equal(Rgb(new CpuRenderer(), scenes), Rgb(CudaStandIn.Renderer, scenes));
        Assert.Equal(launches + 9, CudaStandIn.Launches);   // three chunks of at most 2,048
    }

    [Fact]
    public void Draw_FromManyThreads_GivesEachItsOwn()
    {
        var scenes = Enumerable.Range(0, 24).Select(i => Given.Clutter((ulong)i, 1 + (i % 5))).ToArray();

        Parallel.ForEach(scenes, scene => AssertSame(CudaStandIn.Renderer, scene));
    }

    [Fact]
    public void Draw_DeviceMemoryTooSmall_NamesItAndTheNeed()
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => CudaStandIn.Renderer.Draw(
            [Given.OneCube()], s_small, new DeviceFrames { Rgb = new(4096, 767) }));

        Assert.Equal("frames.rgb", fault.Field);
        Assert.Contains("need 768", fault.Message);
    }

    [Fact]
    public void Draw_FloatsAtAnOddAddress_NamesThem()
    {
        var format = s_small with { Channels = Channels.Depth };

        var fault = Assert.Throws<PhysIntuitionException>(() => CudaStandIn.Renderer.Draw(
            [Given.OneCube()], format, new DeviceFrames { Depth = new(4098, 1024) }));

        Assert.Equal("frames.depth", fault.Field);
        Assert.Contains("multiples of 4", fault.Message);
    }

    [Fact]
    public void Draw_NoMemoryForAChannel_NamesIt()
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => CudaStandIn.Renderer.Draw(
            [Given.OneCube()], s_small with { Channels = Channels.Depth }, default(DeviceFrames)));

        Assert.Equal("frames.depth", fault.Field);
    }

    private static void AssertSame(CudaRenderer renderer, params Scene[] scenes) =>
        Assert.Equal(Rgb(new CpuRenderer(), scenes), Rgb(renderer, scenes));

    private static byte[] Rgb(IRenderer renderer, Scene[] scenes)
    {
        var rgb = new byte[scenes.Length * s_small.BytesOf(Channels.Rgb)];
        renderer.Draw(scenes, s_small, new() { Rgb = rgb });
        return rgb;
    }
}

/// <summary>Tests that count what the stand-in has given out, or make its next call fail.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;
