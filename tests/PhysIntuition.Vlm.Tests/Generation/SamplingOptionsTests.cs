namespace PhysIntuition.Vlm.Generation;

/// <summary>Ranges at their ends.</summary>
public sealed class SamplingOptionsTests
{
    public static TheoryData<SamplingOptions> Within => new(
        new SamplingOptions(),
        new SamplingOptions { Temperature = 0 },
        new SamplingOptions { Temperature = 1e30f },
        new SamplingOptions { TopK = 0, TopP = 1, MinP = 0 },
        new SamplingOptions { TopK = int.MaxValue, TopP = float.Epsilon, MinP = 1 });

    public static TheoryData<SamplingOptions, string> Beyond => new(
        (new SamplingOptions { Temperature = -0.1f }, "Temperature is -0.1; must be finite and >= 0."),
        (new SamplingOptions { Temperature = float.NaN }, "Temperature is NaN; must be finite and >= 0."),
        (new SamplingOptions { Temperature = float.PositiveInfinity }, "must be finite and >= 0."),
        (new SamplingOptions { TopK = -1 }, "TopK is -1; must be >= 0 (0 keeps all)."),
        (new SamplingOptions { TopP = 0 }, "TopP is 0; must be in (0, 1]."),
        (new SamplingOptions { TopP = 1.01f }, "TopP is 1.01; must be in (0, 1]."),
        (new SamplingOptions { TopP = float.NaN }, "TopP is NaN; must be in (0, 1]."),
        (new SamplingOptions { MinP = -0.01f }, "MinP is -0.01; must be in [0, 1]."),
        (new SamplingOptions { MinP = 1.01f }, "MinP is 1.01; must be in [0, 1]."));

    [Theory]
    [MemberData(nameof(Within))]
    public void Validate_WithinTheRanges_Passes(SamplingOptions options)
    {
        options.Validate();
        new GenerationOptions { Sampling = options, MaxNewTokens = 1, CompletionsPerPrompt = 1 }.Validate();
    }

    [Theory]
    [MemberData(nameof(Beyond))]
    public void Validate_BeyondARange_NamesFieldValueAndRule(SamplingOptions options, string says)
    {
        Assert.Contains(
            says, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new GenerationOptions { Sampling = options }.Validate());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Validate_NothingToGenerate_IsRefused(int tokens, int completions) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new GenerationOptions
        {
            MaxNewTokens = tokens, CompletionsPerPrompt = completions,
        }.Validate());
}
