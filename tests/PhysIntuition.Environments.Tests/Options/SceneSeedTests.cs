using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Tests.Splits;

/// <summary>Which scene a seed stands for: another one in every split and task, the same one for ever.</summary>
public sealed class SceneSeedTests
{
    private const ulong Last = SceneSeed.OpenLimit - 1;

    public static TheoryData<Split> OpenSplits => [Split.Train, Split.Val, Split.Test];

    [Theory]
    [MemberData(nameof(OpenSplits))]
    public void Of_LargestOpenSeed_IsTakenAndTheNextRefused(Split split)
    {
        Assert.NotEqual(0UL, SceneSeed.Of("Stability-v1", split, Last));

        foreach (var seed in (ulong[])[SceneSeed.OpenLimit, ulong.MaxValue])
        {
            var fault = Assert.Throws<PhysIntuitionException>(() => SceneSeed.Of("Stability-v1", split, seed));
            Assert.Equal((Fault.InvalidArgument, "seed"), (fault.Fault, fault.Field));
            Assert.Equal($"'seed' is {seed}; seeds of the split '{split}' lie in [0, 281474976710655]. "
                + "Use a smaller seed.", fault.Message);
        }
    }

    [Fact]
    public void Of_HeldOutSeeds_UseAll64Bits()
    {
        ulong[] seeds = [0, 1, Last, SceneSeed.OpenLimit, ulong.MaxValue - 1, ulong.MaxValue];

        Assert.Equal(seeds.Length, seeds.Select(seed => SceneSeed.Of("Stability-v1", Split.Heldout, seed)).Distinct()
            .Count());
    }

    [Fact]
    public void Of_EverySplitTaskAndSeed_IsAnotherNumber()
    {
        ulong[] seeds = [.. Enumerable.Range(0, 100).Select(seed => (ulong)seed), Last - 1, Last];
        ulong[] numbers = [.. from task in TaskCatalog.All
                              from split in Enum.GetValues<Split>()
                              from seed in seeds
                              select SceneSeed.Of(task.Spec.Id, split, seed)];

        Assert.Equal(numbers.Length, numbers.Distinct().Count());
    }

    // A held-out seed equal to the place of an open one must not give its scene away.
    [Fact]
    public void Of_HeldOutSeedAtThePlaceOfAnOpenOne_IsAnotherScene()
    {
        foreach (var split in OpenSplits.Select(row => row.Data))
        {
            for (var seed = 0UL; seed < 64; seed++)
            {
                Assert.NotEqual(
                    SceneSeed.Of("Offset-v1", split, seed),
                    SceneSeed.Of("Offset-v1", Split.Heldout, ((ulong)split * SceneSeed.OpenLimit) + seed));
            }
        }
    }

    // FNV-1a of 64 bits, offset basis 0xcbf29ce484222325, as its authors publish it for ASCII.
    [Theory]
    [InlineData("", 0xcbf29ce484222325)]
    [InlineData("a", 0xaf63dc4c8601ec8c)]
    [InlineData("foobar", 0x85944171f73967e8)]
    public void HashOf_PublishedVectors_AreMet(string text, ulong hash) => Assert.Equal(hash, SceneSeed.HashOf(text));

    [Fact]
    public void Of_BitsOfNeighbouringSeeds_DifferInHalf()
    {
        var differing = Enumerable.Range(0, 1000).Average(seed => System.Numerics.BitOperations.PopCount(
            SceneSeed.Of("Push-v1", Split.Train, (ulong)seed) ^ SceneSeed.Of("Push-v1", Split.Train, (ulong)seed + 1)));

        Assert.InRange(differing, 31.5, 32.5);   // four standard deviations of a thousand means of 64 fair bits
    }
}
