namespace PhysIntuition.Vlm.Generation;

public sealed class ScalarSamplerTests
{
    [Theory]
    [InlineData("qwen3vl_default")]
    [InlineData("top_k_5")]
    [InlineData("top_p_0.5")]
    [InlineData("top_p_0.01")]
    [InlineData("min_p_0.1")]
    [InlineData("temp_1.3")]
    public void Filter_ReferenceChain_KeepsTheReferenceTokens(string name)
    {
        var vectors = Vectors.Json("vlm/rl/sampling.json");
        var entry = vectors.GetProperty("cases").EnumerateArray()
            .Single(item => item.GetProperty("name").GetString() == name);
        var options = new SamplingOptions();
        foreach (var step in entry.GetProperty("chain").EnumerateArray())
        {
            options = step[0].GetString() switch
            {
                "TemperatureLogitsWarper" => options with { Temperature = step[1].GetSingle() },
                "TopKLogitsWarper" => options with { TopK = step[1].GetInt32() },
                "TopPLogitsWarper" => options with { TopP = step[1].GetSingle() },
                "MinPLogitsWarper" => options with { MinP = step[1].GetSingle() },
                var unknown => throw new InvalidOperationException(unknown),
            };
        }

        var scores = Floats(vectors, "scores");
        ScalarSampler.Filter(scores, options);
        var probabilities = new float[scores.Length];
        ScalarSampler.Softmax(scores, probabilities);

        Assert.Equal(entry.GetProperty("kept").EnumerateArray().Select(id => id.GetInt32()),
            Enumerable.Range(0, scores.Length).Where(id => float.IsFinite(scores[id])));
        Assert.All(Floats(entry, "probabilities").Zip(probabilities),
            pair => Assert.Equal(pair.First, pair.Second, tolerance: 2e-7f));
    }

    [Fact]
    public void Filter_TiesAtTheLastPlaceOfTopK_StayTogether()
    {
        float[] scores = [1, 3, 2, 2, 0];

        ScalarSampler.Filter(scores, new SamplingOptions { TopK = 2 });

        Assert.Equal([float.NegativeInfinity, 3, 2, 2, float.NegativeInfinity], scores);
    }

    [Fact]
    public void Draw_TemperatureZero_TakesTheBestWhateverTheNumber()
    {
        foreach (var uniform in (double[])[0, 0.5, 0.999999])
        {
            Assert.Equal(2, ScalarSampler.Draw([1, 2, 5, 5], new SamplingOptions { Temperature = 0 }, uniform));
        }
    }

    [Fact]
    public void Draw_EvenNumbers_GiveTheDistribution()
    {
        // Probabilities 1/8, 0 (filtered by top-k), 3/8, 4/8: the inverse CDF over a grid of 8000 numbers is exact.
        float[] scores = [0, -1, MathF.Log(3), MathF.Log(4)];
        var counts = new int[4];
        for (var i = 0; i < 8000; i++)
        {
            counts[ScalarSampler.Draw([.. scores], new SamplingOptions { TopK = 3 }, (i + 0.5) / 8000)]++;
        }

        Assert.Equal([1000, 0, 3000, 4000], counts);
    }

    [Theory]
    [InlineData(-1, 0, 1, 0, "Temperature")]
    [InlineData(float.NaN, 0, 1, 0, "Temperature")]
    [InlineData(1, -1, 1, 0, "TopK")]
    [InlineData(1, 0, 0, 0, "TopP")]
    [InlineData(1, 0, 1.1f, 0, "TopP")]
    [InlineData(1, 0, 1, 2, "MinP")]
    public void Validate_OutOfRange_NamesTheOption(
        float temperature, int topK, float topP, float minP, string name)
    {
        var options = new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP };

        Assert.Contains($"{name} is", Assert.Throws<ArgumentOutOfRangeException>(options.Validate).Message);
    }

    private static float[] Floats(System.Text.Json.JsonElement entry, string name) =>
        [.. entry.GetProperty(name).EnumerateArray().Select(value => value.GetSingle())];
}
