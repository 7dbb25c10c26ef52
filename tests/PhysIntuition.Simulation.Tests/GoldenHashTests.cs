using System.Runtime.Intrinsics;
using PhysIntuition.Simulation.Bodies;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Tests;

/// <summary>One hash per scene family. A value changes only with the physics, in a commit that says why.</summary>
public sealed class GoldenHashTests
{
    private const int Worlds = 5;   // fewer than a register's lanes: the bundle is partly filled

    public static TheoryData<string, ulong> Goldens { get; } = new()
    {
        { "tower", 0x80be9b4cdf9cf4d6 },
        { "pyramid", 0xe91d754fe42a260a },
        { "push", 0xdcac7bdca7db3662 },
        { "beam", 0x384bdeb62e114780 },
        { "table", 0x1e0416feb0668128 },
        { "dominoes", 0x51daa60997b57b92 },
        { "bounce", 0x2d1fa223e342d51d },
        { "tumble", 0xa543e757274070c9 },
        { "pusher", 0x7763536502336a15 },
        { "yawed", 0xe4837755ff4c68df },
    };

    [Fact]
    public void Goldens_OfAllFamilies_AreListed() =>
        Assert.Equal(Families.Names, Goldens.Select(row => row.Data.Item1));

    [Theory]
    [MemberData(nameof(Goldens))]
    public void Settle_AtEveryLaneWidth_GivesTheGoldenHash(string family, ulong golden)
    {
        Assert.Equal($"{golden:x16}", HashOf(family, LaneWidth.One));
        Assert.Equal($"{golden:x16}", HashOf(family, LaneWidth.Eight));
        Assert.Equal($"{golden:x16}", HashOf(family, LaneWidth.Sixteen));
    }

    [Fact]
    public void Settle_In512BitRegisters_GivesTheGoldenHashes()
    {
        Assert.SkipUnless(Vector512.IsHardwareAccelerated, "This process has no 512-bit registers; they are emulated.");

        Assert.Equal(LaneWidth.Sixteen, LaneWidths.Resolve(LaneWidth.Widest));
        foreach (var row in Goldens)
        {
            Assert.Equal($"{row.Data.Item2:x16}", HashOf(row.Data.Item1, LaneWidth.Widest));
        }
    }

    private static string HashOf(string family, LaneWidth width)
    {
        using var engine = new BatchSimulator(new SimulatorOptions { LaneWidth = width, Threads = 1 });
        var worlds = Enumerable.Range(0, Worlds).Select(i => Families.Make(family, (ulong)i)).ToArray();
        var outcomes = new Outcome[Worlds];
        engine.Settle(worlds, new SettleOptions { MaxTime = 0.75f }, outcomes);
        var hash = new WorldHash();
        for (var i = 0; i < Worlds; i++)
        {
            hash.Add(WorldHash.OfOutcome(worlds[i], outcomes[i]));
        }

        return $"{hash.Value:x16}";
    }
}
