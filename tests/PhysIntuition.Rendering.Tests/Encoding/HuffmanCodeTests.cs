using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;

namespace PhysIntuition.Rendering.Tests.Encoding;

/// <summary>Code lengths against a textbook's Huffman tree, and codes that no other begins with.</summary>
public sealed class HuffmanCodeTests
{
    private const int Symbols = 286;

    public static TheoryData<string> Histograms => ["flat", "two", "steep", "random", "sparse", "fibonacci"];

    [Theory]
    [MemberData(nameof(Histograms))]
    public void FindLengths_Histogram_FillsTheCodeSpaceAndKeepsTheLimit(string name)
    {
        var (counts, lengths) = (Counts(name), Lengths(Counts(name)));

        Assert.All(counts.Zip(lengths), pair => Assert.Equal(pair.First > 0, pair.Second > 0));
        Assert.InRange(lengths.Max(), 1, HuffmanCode.MaxLength);
        // Kraft: a full code's shares add up to one.
        Assert.Equal(1.0, lengths.Where(length => length > 0).Sum(length => Math.Pow(0.5, length)), 1e-12);
    }

    [Theory]
    [InlineData("flat")]
    [InlineData("two")]
    [InlineData("random")]
    [InlineData("sparse")]
    public void FindLengths_TreesBelowTheLimit_CostWhatTheTextbooksTreeCosts(string name)
    {
        var (counts, lengths) = (Counts(name), Lengths(Counts(name)));

        Assert.True(lengths.Max() < HuffmanCode.MaxLength);
        Assert.Equal(TextbookCost(counts), counts.Zip(lengths, (count, length) => (long)count * length).Sum());
    }

    [Theory]
    [MemberData(nameof(Histograms))]
    public void FindLengths_RarerSymbols_NeverHaveShorterCodes(string name)
    {
        var (counts, lengths) = (Counts(name), Lengths(Counts(name)));
        var used = Enumerable.Range(0, Symbols).Where(symbol => counts[symbol] > 0)
            .OrderBy(symbol => counts[symbol]).ToArray();

        Assert.All(used.Zip(used.Skip(1)), pair => Assert.True(
            counts[pair.First] == counts[pair.Second] || lengths[pair.First] >= lengths[pair.Second]));
    }

    [Theory]
    [MemberData(nameof(Histograms))]
    public void FindCodes_Lengths_GiveCanonicalCodesThatNoOtherBeginsWith(string name)
    {
        var lengths = Lengths(Counts(name));
        var codes = new ushort[Symbols];
        HuffmanCode.FindCodes(lengths, codes);
        string[] words = [.. Enumerable.Range(0, Symbols).Where(symbol => lengths[symbol] > 0).Select(symbol =>
            Word(codes[symbol], lengths[symbol]))];
        Array.Sort(words, StringComparer.Ordinal);

        Assert.All(words.Zip(words.Skip(1)), pair =>
            Assert.False(pair.Second.StartsWith(pair.First, StringComparison.Ordinal)));
        // RFC 1951, 3.2.2: of one length, codes follow one another in the order of their symbols.
        foreach (var length in lengths.Where(length => length > 0).Distinct())
        {
            var own = Enumerable.Range(0, Symbols).Where(symbol => lengths[symbol] == length)
                .Select(symbol => Convert.ToInt32(Word(codes[symbol], length), 2)).ToArray();
            Assert.Equal(Enumerable.Range(own[0], own.Length), own);
        }
    }

    [Fact]
    public void FindCodes_SpecificationsExample_HasItsCodes()
    {
        // RFC 1951, 3.2.2: lengths (3, 3, 3, 3, 3, 2, 4, 4) of A to H.
        var codes = new ushort[8];
        HuffmanCode.FindCodes([3, 3, 3, 3, 3, 2, 4, 4], codes);

        byte[] lengths = [3, 3, 3, 3, 3, 2, 4, 4];
        Assert.Equal(["010", "011", "100", "101", "110", "00", "1110", "1111"],
            codes.Zip(lengths, (code, length) => Word(code, length)));
    }

    [Fact]
    public void FindLengths_OneSymbol_HasOneBit()
    {
        var counts = new int[Symbols];
        counts[77] = 9;

        Assert.Equal(1, Lengths(counts)[77]);
    }

    private static byte[] Lengths(int[] counts)
    {
        var lengths = new byte[Symbols];
        HuffmanCode.FindLengths(counts, lengths);

        return lengths;
    }

    // Deflate sends a code's bits beginning with the most significant: the file holds them reversed.
    private static string Word(int code, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(bit => (code >> bit) & 1));

    // The sum of all inner nodes' weights is the number of bits.
    private static long TextbookCost(int[] counts)
    {
        var (queue, cost) = (new PriorityQueue<long, long>(), 0L);
        foreach (var count in counts.Where(count => count > 0))
        {
            queue.Enqueue(count, count);
        }

        while (queue.Count > 1)
        {
            var sum = queue.Dequeue() + queue.Dequeue();
            cost += sum;
            queue.Enqueue(sum, sum);
        }

        return cost;
    }

    private static int[] Counts(string name)
    {
        var (random, low, high) = (new RandomStream(8), 1, 1);

        return [.. Enumerable.Range(0, Symbols).Select(symbol =>
        {
            if (name == "fibonacci" && symbol < 24)
            {
                (low, high) = (high, low + high);
                return low;
            }

            return name switch
            {
                "flat" => 10,
                "two" => symbol is 3 or 200 ? 5 + symbol : 0,
                "steep" => Math.Max(1, 1_000_000 >> (symbol / 4)),
                "random" => random.NextInt(100, 400),
                "sparse" => symbol % 40 == 0 ? random.NextInt(1, 50) : 0,
                _ => 0,
            };
        })];
    }
}
