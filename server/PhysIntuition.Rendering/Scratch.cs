using System.Runtime.InteropServices;
using PhysIntuition.Rendering.Stages;
using PhysIntuition.Rendering.Stages.Preparation;

namespace PhysIntuition.Rendering;

/// <summary>One thread's working memory, aligned to cache lines.</summary>
internal sealed unsafe class Scratch
{
    private const int Alignment = 64;        // bytes; 512-bit stores across cache lines cost double
    private const int PacketBytes = 16384;   // a group of packets, then samples, at 16 lanes
    private const int SampleBytes = 4096;    // a set of 16 values for each packet of the group

    [ThreadStatic]
    private static Scratch? s_current;

    private readonly void* _memory;

    private Scratch() => _memory = NativeMemory.AlignedAlloc(
        (nuint)(PacketBytes + ScenePreparation.SizeOf(Scenes.Scene.MaxBlocks, Scenes.Scene.MaxOverlays)), Alignment);

    /// <summary>Frees the memory after its thread is gone.</summary>
    ~Scratch() => NativeMemory.AlignedFree(_memory);

    /// <summary>The calling thread's own.</summary>
    public static Scratch Current => s_current ??= new();

    /// <summary>What is kept of a still camera's ground.</summary>
    public GroundCache Ground { get; } = new();

    /// <summary>Room for a group of packets.</summary>
    public void* Packets => _memory;

    /// <summary>Room for the samples of a group of packets.</summary>
    public void* Samples => (byte*)_memory + PacketBytes - SampleBytes;

    /// <summary>Room for the largest scene.</summary>
    public void* Scene => (byte*)_memory + PacketBytes;
}
