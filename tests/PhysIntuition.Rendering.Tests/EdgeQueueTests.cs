using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PhysIntuition.Rendering.Stages;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Pixels that edges pass are gathered into whole packets: none is lost, doubled, moved or changed.</summary>
public sealed unsafe class EdgeQueueTests
{
    private const int Width = 37, Height = 29;   // neither is a whole number of packets

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Fill_AfterPacketsOfATile_GivesTheirEdgesInOrder(ulong seed)
    {
        Check<Lane1>(seed);
        Check<Lane8>(seed);
        Check<Lane16>(seed);
    }

    // The tile at the picture's right lower corner, so that packets reach over both borders.
    private static void Check<V>(ulong seed) where V : unmanaged, ILanes<V>
    {
        var random = new RandomStream(seed);
        var packet = (Packet<V>*)NativeMemory.AlignedAlloc((nuint)sizeof(Packet<V>), 64);
        var queue = (EdgeQueue*)NativeMemory.AllocZeroed((nuint)sizeof(EdgeQueue));
        try
        {
            FrameRecord frame = default;
            (frame.Width, frame.Height) = (Width, Height);
            var expected = new List<(Vector4 Point, int Block)>();
            for (var row = 16; row < 32; row++)
            {
                for (var left = 32; left < 48; left += V.Count)
                {
                    TakeOne(queue, &frame, packet, row, left, ref random, expected);
                }
            }

            Assert.Equal(expected.Count, queue->Count);
            for (var first = 0; first < queue->Count; first += V.Count)
            {
                EdgeQueue.Fill(queue, first, packet);
                var sets = queue->CenterSets[first / V.Count];
                var count = Math.Min(V.Count, queue->Count - first);
                Assert.Equal((1u << count) - 1, V.Bits(packet->Edge));
                for (var lane = 0; lane < V.Count; lane++)
                {
                    var (point, block) = expected[first + (lane < count ? lane : 0)];
                    Assert.Equal(point, PointOf(packet, lane));
                    Assert.True((sets.Seen >> block & 1) == 1, $"block {block} matters to pixel {first + lane}");
                }
            }
        }
        finally
        {
            NativeMemory.AlignedFree(packet);
            NativeMemory.Free(queue);
        }
    }

    private static void TakeOne<V>(
        EdgeQueue* queue, FrameRecord* frame, Packet<V>* packet, int row, int left, ref RandomStream random,
        List<(Vector4 Point, int Block)> expected) where V : unmanaged, ILanes<V>
    {
        var block = random.NextInt(0, 64);
        var sets = new TileSets { Seen = 1ul << block };
        var edges = 0u;
        for (var lane = 0; lane < V.Count; lane++)
        {
            var point = new Vector4(left + lane + 0.5f, row + 0.5f, random.NextFloat(0.1f, 1f), random.NextInt(-1, 9));
            (Lanes(ref packet->X)[lane], Lanes(ref packet->Y)[lane]) = (point.X, point.Y);
            (Lanes(ref packet->Inverse)[lane], Lanes(ref packet->Id)[lane]) = (point.Z, point.W);
            var isEdge = random.NextInt(0, 3) == 0;
            edges |= isEdge ? 1u << lane : 0;
            if (isEdge && point.X < Width && point.Y < Height)
            {
                expected.Add((point, block));
            }
        }

        packet->Edge = V.FromBits(edges);
        EdgeQueue.Take(queue, frame, &sets, packet);
    }

    private static Vector4 PointOf<V>(Packet<V>* packet, int lane) where V : unmanaged, ILanes<V> => new(
        Lanes(ref packet->X)[lane], Lanes(ref packet->Y)[lane], Lanes(ref packet->Inverse)[lane],
        Lanes(ref packet->Id)[lane]);

    private static Span<float> Lanes<V>(ref V value) where V : unmanaged, ILanes<V> =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<V, float>(ref value), V.Count);
}
