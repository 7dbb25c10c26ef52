using System.Numerics;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation.Bodies;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Tests;

/// <summary>A world's bits depend on that world alone.</summary>
public sealed class BatchIndependenceTests
{
    private static readonly SettleOptions s_options = new() { MaxTime = 0.6f };

    [Theory]
    [InlineData(LaneWidth.One, 1)]
    [InlineData(LaneWidth.Eight, 1)]
    [InlineData(LaneWidth.Eight, 2)]
    [InlineData(LaneWidth.Eight, 8)]
    public void Settle_MixedWorldsTogether_GivesWhatEachGivesAlone(LaneWidth width, int threads)
    {
        var alone = Mixed(32).Select(world => Hashes([world], LaneWidth.One, 1)[0]).ToArray();

        Assert.Equal(alone, Hashes(Mixed(32), width, threads));
    }

    [Theory]
    [InlineData(LaneWidth.One, 1)]
    [InlineData(LaneWidth.Eight, 2)]
    [InlineData(LaneWidth.Widest, 1)]
    public void Settle_WorldsWithOptionsOfTheirOwn_GivesWhatEachGivesAlone(LaneWidth width, int threads)
    {
        SettleOptions[] kinds =
        [
            s_options, new() { MaxTime = 1.1f, StopAtFirstFall = true, FallDrop = 0.02f },
            new() { MaxTime = 0.3f, MovedDistance = 0.001f }, new() { MaxTime = 2f, FloorLimit = -0.5f },
        ];
        var (worlds, alone) = (Mixed(41), Mixed(41));
        SettleOptions[] options = [.. worlds.Select((_, i) => kinds[i % kinds.Length])];
        var (outcomes, one) = (new Outcome[worlds.Length], new Outcome[1]);
        using var engine = new BatchSimulator(new SimulatorOptions { LaneWidth = width, Threads = threads });

        engine.Settle(worlds, options, outcomes);

        for (var i = 0; i < worlds.Length; i++)
        {
            engine.Settle([alone[i]], options[i], one);
            Assert.Equal(one[0], outcomes[i]);
            Assert.Equal(WorldHash.OfOutcome(alone[i], one[0]), WorldHash.OfOutcome(worlds[i], outcomes[i]));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    public void Settle_AnyNumberOfWorlds_MatchesTheScalarTwinBitForBit(int count)
    {
        Assert.Equal(Hashes(Mixed(count), LaneWidth.One, 1), Hashes(Mixed(count), LaneWidth.Eight, 2));
    }

    [Fact]
    public void Settle_WorldsInReverseOrder_GivesTheSameInReverseOrder()
    {
        var reversed = Mixed(32);
        Array.Reverse(reversed);

        Assert.Equal(Hashes(Mixed(32), LaneWidth.Eight, 1), Hashes(reversed, LaneWidth.Eight, 1).Reverse());
    }

    [Fact]
    public void Settle_BesideAWorldThatFliesApart_GivesTheSame()
    {
        // 20 blocks inside one another are thrown out; 200 m/s and non-numbers must stay in their own lane.
        var wild = new World { Gravity = 100f };
        for (var i = 0; i < 20; i++)
        {
            var block = Families.Block(0.001f * i, 0.05f, 0f);
            wild.Bodies.Add(block with { Mass = 1e-6f, LinearVelocity = new(1000f, 0f, 0f) });
        }

        var tower = Families.Make("tower");

        Assert.Equal(
            Hashes([tower], LaneWidth.Eight, 1)[0],
            Hashes([wild, Families.Make("tower")], LaneWidth.Eight, 1)[1]);
    }

    [Fact]
    public void Settle_FarFromTheOriginBesideALargerWorld_GivesTheSame()
    {
        // The larger neighbour makes the bundle look at slots that this world does not use: nothing waits in them.
        World[] alone = [FarAway()], together = [FarAway(), Families.Make("tower")];

        Assert.Equal(Hashes(alone, LaneWidth.Eight, 1)[0], Hashes(together, LaneWidth.Eight, 1)[0]);

        static World FarAway()
        {
            var world = new World { HasGround = false };
            world.Bodies.Add(Families.Block(30_000f, 10_001f, 0f));
            return world;
        }
    }

    [Fact]
    public void Settle_BlocksThatHangByAHair_StayNumbersAndLeaveTheOthersAlone()
    {
        // Where the contact is that narrow, the spread of the load's shares is below a float's last bit.
        World[] hanging =
        [
            Structures.Column(0.55599594f, -0.4416613f), Structures.Column(-0.7830038f, 0.17336392f),
            Structures.Column(0.7812147f, -0.21085972f), Structures.Column(-0.44262564f, 0.5351069f),
        ];

        var hashes = Hashes([.. hanging, .. Mixed(64)], LaneWidth.Eight, 1);

        Assert.All(hanging, world => Assert.All(world.Bodies, body =>
            Assert.True(float.IsFinite(body.Position.X + body.Orientation.W + body.LinearVelocity.Y))));
        Assert.Equal(Hashes(Mixed(64), LaneWidth.Eight, 1), hashes[hanging.Length..]);
    }

    [Fact]
    public void Settle_InLanesOfWorldsThatBecameNonNumbers_GivesTheSame()
    {
        // Needles and slabs of a milligram to a million tonnes, at 900 m/s and 900 rad/s inside one another.
        var random = new RandomStream(1);
        var wild = new World[200];
        for (var i = 0; i < wild.Length; i++)
        {
            wild[i] = new World();
            for (var k = 0; k < 7; k++)
            {
                wild[i].Bodies.Add(new Body
                {
                    Position = Within(ref random, 1.5f) + new Vector3(0f, 0.5f, 0f),
                    HalfExtents = new(Side(ref random), Side(ref random), Side(ref random)),
                    Mass = random.NextInt(0, 2) == 0 ? 1e-6f : 1e9f,
                    LinearVelocity = Within(ref random, 900f),
                    AngularVelocity = Within(ref random, 900f),
                });
            }
        }

        using var engine = new BatchSimulator(new SimulatorOptions { LaneWidth = LaneWidth.Eight, Threads = 1 });
        foreach (var some in wild.Chunk(7))
        {
            engine.Advance([Families.Make("pyramid"), .. some], 0.4f);   // larger: their unused slots take part
        }

        Assert.Contains(wild, world => world.Bodies.Exists(body => !float.IsFinite(body.Position.X)));

        var worlds = Mixed(32);
        var outcomes = new Outcome[worlds.Length];
        engine.Settle(worlds, s_options, outcomes);
        Assert.Equal(
            Hashes(Mixed(32), LaneWidth.One, 1), worlds.Select((world, i) => WorldHash.OfOutcome(world, outcomes[i])));
    }

    [Fact]
    public void Take_WorldsOfAQueue_ComeLargeOnesFirstThenThoseThatSlideFar()
    {
        World[] worlds = [Sliding(1, 2f), Sliding(2, 0f), Sliding(1, 0f), Sliding(2, 3f), Sliding(1, 3f)];
        var queue = new WorldQueue(worlds, steps: 1);

        int[] order = [.. worlds.Select(_ => queue.Take(out var index) is null ? -1 : index)];

        Assert.Equal([3, 1, 4, 0, 2], order);
        Assert.Null(queue.Take(out _));

        static World Sliding(int bodies, float speed)
        {
            var world = new World();
            for (var i = 0; i < bodies; i++)
            {
                world.Bodies.Add(Families.Block(2f * i, 0.5f, 0f) with { LinearVelocity = new(-speed, 0f, 0f) });
            }

            return world;
        }
    }

    private static float Side(ref RandomStream random) =>
        random.NextInt(0, 2) == 0 ? random.NextFloat(0.005f, 0.05f) : random.NextFloat(0.5f, 5f);

    private static Vector3 Within(ref RandomStream random, float most) =>
        new(random.NextFloat(-most, most), random.NextFloat(-most, most), random.NextFloat(-most, most));

    private static World[] Mixed(int count) => Enumerable.Range(0, count)
        .Select(i => Families.Make(Families.Names[i % Families.Names.Length], (ulong)i)).ToArray();

    private static ulong[] Hashes(World[] worlds, LaneWidth width, int threads)
    {
        using var engine = new BatchSimulator(new SimulatorOptions { LaneWidth = width, Threads = threads });
        var outcomes = new Outcome[worlds.Length];
        engine.Settle(worlds, s_options, outcomes);
        return worlds.Select((world, i) => WorldHash.OfOutcome(world, outcomes[i])).ToArray();
    }
}
