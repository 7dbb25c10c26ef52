namespace PhysIntuition.Simulation.Tests;

public sealed class RandomStreamTests
{
    [Fact]
    public void NextBits_SameSeedAndStream_RepeatsAndForks()
    {
        var a = new RandomStream(42, 7);
        a.NextBits();
        var fork = a;

        Assert.Equal(a.NextBits(), fork.NextBits());
        Assert.NotEqual(new RandomStream(42, 7).NextBits(), new RandomStream(42, 8).NextBits());
        Assert.NotEqual(new RandomStream(42, 7).NextBits(), new RandomStream(43, 7).NextBits());
    }

    [Fact]
    public void NextBits_NeighbouringSeeds_DifferInAboutHalfTheirBits()
    {
        // 64 000 fair coin tosses: standard deviation sqrt(n) / 2 = 126; five of them.
        var flips = 0;
        for (var seed = 0UL; seed < 1000; seed++)
        {
            flips += System.Numerics.BitOperations.PopCount(
                new RandomStream(seed).NextBits() ^ new RandomStream(seed + 1).NextBits());
        }

        Assert.InRange(flips, 32_000 - 630, 32_000 + 630);
    }

    [Fact]
    public void NextFloat_ManyDraws_IsUniformInItsRange()
    {
        // Mean 1/2 and variance 1/12 of the uniform law; five standard errors of 100 000 draws.
        var random = new RandomStream(1);
        double sum = 0, squares = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var x = random.NextFloat();
            Assert.InRange(x, 0f, 0.99999999f);
            sum += x;
            squares += (x - 0.5) * (x - 0.5);
        }

        Assert.Equal(0.5, sum / 100_000, tolerance: 0.0046);
        Assert.Equal(1 / 12.0, squares / 100_000, tolerance: 0.0012);
    }

    [Fact]
    public void NextInt_ManyDraws_MeetsEveryValueEquallyOften()
    {
        // 70 000 draws of 7: 10 000 each, standard deviation 93.
        var counts = new int[7];
        var random = new RandomStream(5);
        for (var i = 0; i < 70_000; i++)
        {
            counts[random.NextInt(-3, 4) + 3]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 10_000 - 465, 10_000 + 465));
    }

    [Fact]
    public void Shuffle_Items_KeepsThemAllAndMovesThem()
    {
        var items = Enumerable.Range(0, 50).ToArray();
        var random = new RandomStream(9);
        random.Shuffle(items.AsSpan());

        Assert.NotEqual(Enumerable.Range(0, 50), items);
        Assert.Equal(Enumerable.Range(0, 50), items.Order());
    }
}
