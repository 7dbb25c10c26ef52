using PhysIntuition.Evaluation.Models;
using PhysIntuition.Evaluation.Runs;

namespace PhysIntuition.Evaluation.Tests.Runs;

public sealed class PricesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_TheExample_HoldsWhatItSays()
    {
        var prices = Load(Prices.Example);

        Assert.Equal("2026-11-01", prices.Date);
        Assert.Equal(new Price(Input: 2.5, Output: 10, Cached: 1.25), prices.Models["NAME"]);
    }

    [Theory]
    [InlineData(1_000_000, 0, 0, 2.5)]
    [InlineData(1_000_000, 1_000_000, 0, 1.25)]   // all from the provider's cache
    [InlineData(1_000_000, 400_000, 0, (0.6 * 2.5) + (0.4 * 1.25))]
    [InlineData(0, 0, 1_000_000, 10)]
    [InlineData(0, 0, 0, 0)]
    public void Of_Tokens_CostWhatTheyCostPerMillion(long input, long cached, long output, double dollars) =>
        Assert.Equal(dollars, Load(Prices.Example).Of("NAME", new(input, cached, output, Reasoning: 77))!.Value, 1e-12);

    [Fact]
    public void Of_NoPriceForCachedTokens_TakesThatOfOthers()
    {
        var prices = Load("""{"date": "2026-01-01", "models": {"m": {"input": 4, "output": 8}}}""");

        Assert.Equal(4, prices.Of("m", new(1_000_000, 500_000, 0, 0))!.Value, 1e-12);
    }

    [Theory]
    [InlineData("gpt-5-mini-2026-01-01", 1.0)]
    [InlineData("gpt-5-2026-01-01", 2.0)]
    [InlineData("gpt-5", 2.0)]
    public void Of_DatedId_TakesTheLongestNameThatItBeginsWith(string model, double dollars)
    {
        var prices = Load("""
            {"date": "2026-01-01", "models": {"gpt-5": {"input": 2, "output": 0},
            "gpt-5-mini": {"input": 1, "output": 0}}}
            """);

        Assert.Equal(dollars, prices.Of(model, new(1_000_000, 0, 0, 0)));
    }

    [Theory]
    [InlineData("claude")]
    [InlineData("GPT-5")]
    [InlineData("")]
    public void Of_UnknownModel_IsNotKnown(string model) => Assert.Null(
        Load("""{"date": "d", "models": {"gpt-5": {"input": 2, "output": 0}}}""").Of(model, new(1, 0, 1, 0)));

    [Theory]
    [InlineData("""{"date": "2026-01-01", "models": {"m": {"input": "dear"}}}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void Load_AnotherForm_IsRefusedWithTheExample(string text)
    {
        var refused = Assert.Throws<ArgumentException>(() => Load(text));

        Assert.Contains("'--prices' is ", refused.Message);
        Assert.EndsWith($"Write {Prices.Example}.", refused.Message);
    }

    [Fact]
    public void Load_AbsentFile_IsNamed() => Assert.Contains(
        "absent.json", Assert.Throws<ArgumentException>(() => Prices.Load(_folder.At("absent.json"))).Message);

    private Prices Load(string text)
    {
        File.WriteAllText(_folder.At("prices.json"), text);
        return Prices.Load(_folder.At("prices.json"));
    }
}
