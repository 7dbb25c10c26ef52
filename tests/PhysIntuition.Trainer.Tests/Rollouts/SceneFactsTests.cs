using System.Runtime.InteropServices;
using PhysIntuition.Client;
using PhysIntuition.V1;
using Observation = PhysIntuition.Client.Observation;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>What probes are told to read, worked out from observations written by hand.</summary>
public sealed class SceneFactsTests
{
    private const int Rows = 16, Columns = 20;

    [Fact]
    public void Read_ExpertWithNumbers_TakesItsFirstOne()
    {
        var facts = Read("<answer>(-40.25, 260)</answer>", margin: 0.5f, [0.1f, 0.4f]);

        Assert.Equal((-40.25, 0.5, 2.0), (facts.Offset, facts.Margin, facts.Blocks));
        Assert.Equal(facts.Offset, facts["offset"]);
        Assert.Equal(facts.Margin, facts["margin"]);
        Assert.Equal(facts.Blocks, facts["blocks"]);
    }

    [Theory]
    [InlineData(new[] { 0.1f, 0.4f, -0.3f }, -0.4)]   // the last one's place less the first one's
    [InlineData(new[] { 0.25f }, 0)]
    [InlineData(new float[0], 0)]
    public void Read_ExpertWithWords_TakesTheLean(float[] places, double lean)
    {
        var facts = Read("<answer>yes</answer>", margin: 1, places);

        Assert.Equal(lean, facts.Offset, 1e-6);
        Assert.Equal(places.Length, facts.Blocks);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Read_MarginThatMeansNothing_IsZero(float margin) =>
        Assert.Equal(0, Read("<answer>no</answer>", margin, [0f]).Margin);

    [Fact]
    public void Read_AsManyBodiesAsThereAreRows_CountsThemAll() =>
        Assert.Equal(Rows, Read("yes", 0, [.. Enumerable.Repeat(1f, Rows)]).Blocks);

    [Fact]
    public void Item_UnknownFact_NamesTheKnownOnes()
    {
        var unknown = Assert.Throws<ArgumentException>(() => Read("yes", 0, [])["weight"]);

        Assert.Equal("fact 'weight' is unknown; known: offset, margin, blocks.", unknown.Message);
        Assert.All(SceneFacts.Names, name => Assert.Equal(0, Read("yes", 0, [])[name]));
    }

    private static SceneFacts Read(string expert, float margin, float[] places)
    {
        var state = new float[Rows * Columns];
        for (var row = 0; row < places.Length; row++)
        {
            (state[row * Columns], state[(row * Columns) + 1]) = (1, places[row]);
        }

        return Assert.Single(SceneFacts.Read(
        [
            Tensor("state", [1, Rows, Columns], state), Tensor("margin", [1], [margin]),
            new Observation("expert") { Texts = [expert] },
        ]));
    }

    private static Observation Tensor(string name, int[] shape, float[] values) => new(name)
    {
        Type = DataType.Float32, Shape = shape, Bytes = MemoryMarshal.AsBytes<float>(values).ToArray(),
    };
}
