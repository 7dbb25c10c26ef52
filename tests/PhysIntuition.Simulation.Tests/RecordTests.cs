using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Tests;

/// <summary>The records of a bundle are rows of packets without gaps, at every width.</summary>
public sealed unsafe class RecordTests
{
    private const int BodyPackets = 79, PointPackets = 33, HeadPackets = 12;

    [Fact]
    public void Body_AtEveryWidth_HasNoGaps()
    {
        Assert.Equal(BodyPackets * 4, sizeof(WideBody<Lane1>));
        Assert.Equal(BodyPackets * 32, sizeof(WideBody<Lane8>));
        Assert.Equal(BodyPackets * 64, sizeof(WideBody<Lane16>));
    }

    [Fact]
    public void Contact_AtEveryWidth_HasNoGaps()
    {
        const int packets = HeadPackets + (8 * PointPackets) + 1;

        Assert.Equal(packets * 4, sizeof(WideContact<Lane1>));
        Assert.Equal(packets * 32, sizeof(WideContact<Lane8>));
        Assert.Equal(packets * 64, sizeof(WideContact<Lane16>));
    }

    [Fact]
    public void Parts_OfATwist_AreItsSixNumbersInARow()
    {
        var twist = new Twist<Lane8>
        {
            Velocity = new(Lane8.Splat(0f), Lane8.Splat(1f), Lane8.Splat(2f)),
            Spin = new(Lane8.Splat(3f), Lane8.Splat(4f), Lane8.Splat(5f)),
        };

        var parts = Twist<Lane8>.Parts(&twist);

        for (var k = 0; k < Twist<Lane8>.Count; k++)
        {
            Assert.Equal(k, parts[k].Value[7]);
        }
    }

    [Fact]
    public void Point_OfAContact_IsTheRecordAfterTheOneBefore()
    {
        WideContact<Lane16> contact;
        var first = (byte*)WideContact<Lane16>.Point(&contact, 0);

        Assert.Equal(HeadPackets * sizeof(Lane16), first - (byte*)&contact);
        Assert.Equal(
            3 * PointPackets * sizeof(Lane16), (byte*)WideContact<Lane16>.Point(&contact, 3) - first);
    }
}
