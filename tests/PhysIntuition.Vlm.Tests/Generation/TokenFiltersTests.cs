using PhysIntuition.Vlm.Models;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Generation;

/// <summary>The filters on rows are the scalar sampler's, row by row.</summary>
public sealed class TokenFiltersTests
{
    private const int Rows = 5, Vocabulary = 60;

    [Theory]
    [InlineData(7)]
    [InlineData(500)]
    public void TopK_RandomScores_KeepsWhatTheSamplerKeeps(int count) => AssertTwin(
        scores => TokenFilters.TopK(scores, count), new SamplingOptions { TopK = count });

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.85f)]
    public void TopP_RandomScores_KeepsWhatTheSamplerKeeps(float share) => AssertTwin(
        scores => TokenFilters.TopP(scores, share), new SamplingOptions { TopP = share });

    [Theory]
    [InlineData(0.05f)]
    [InlineData(1f)]
    public void MinP_RandomScores_KeepsWhatTheSamplerKeeps(float share) => AssertTwin(
        scores => TokenFilters.MinP(scores, share), new SamplingOptions { MinP = share });

    private static void AssertTwin(Func<Tensor, Tensor> filter, SamplingOptions options)
    {
        NativeTorch.Require();
        using var scope = NewDisposeScope();
        using var generator = new Generator(2);
        var scores = randn([Rows, Vocabulary], generator: generator) * 3;

        var filtered = filter(scores).data<float>().ToArray();

        var expected = scores.data<float>().ToArray();
        for (var row = 0; row < Rows; row++)
        {
            ScalarSampler.Filter(expected.AsSpan(row * Vocabulary, Vocabulary), options);
        }

        Assert.Equal(expected, filtered);
        Assert.Contains(filtered, float.IsFinite);
    }
}
