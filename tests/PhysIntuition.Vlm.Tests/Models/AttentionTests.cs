using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Attention, masks and rotations against the formulas, written out in double precision.</summary>
public sealed class AttentionTests
{
    private const double Near = 2e-6;   // float32 sums of at most 16 products

    public AttentionTests() => NativeTorch.Require();

    [Theory]
    [InlineData(4, 4, false)]
    [InlineData(4, 2, false)]
    [InlineData(4, 1, true)]
    [InlineData(6, 3, true)]
    public void Run_QueryHeadsThatShareKeyHeads_IsTheFormula(int heads, int keyHeads, bool isCausal)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = (Random(1, 2, heads, 5, 8), Random(2, 2, keyHeads, 5, 8), Random(3, 2, keyHeads, 5, 8));

        var found = Attention.Run(q, k, v, mask: null, isCausal);

        Assert.InRange(Distance(found, Formula(q, k, v, (_, query, key) => !isCausal || key <= query)), 0, Near);
    }

    [Fact]
    public void Run_MaskedRowWithoutKeys_IsFiniteAndTheOthersAreUntouched()
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = (Random(1, 1, 2, 3, 4), Random(2, 1, 2, 3, 4), Random(3, 1, 2, 3, 4));
        var mask = zeros([1, 1, 3, 3]);
        mask[0, 0, 1] = full([3], Attention.HiddenScalar);   // the second query sees nothing

        var found = Attention.Run(q, k, v, mask, isCausal: false);
        var expected = Formula(q, k, v, (_, query, _) => query != 1);

        Assert.True(found.isfinite().all().item<bool>());
        foreach (var query in new long[] { 0, 2 })
        {
            Assert.InRange(Distance(found.narrow(2, query, 1), Row(expected, query)), 0, Near);
        }

        static double[,,,] Row(double[,,,] all, long query)
        {
            var row = new double[all.GetLength(0), all.GetLength(1), 1, all.GetLength(3)];
            Visit(row, (b, h, _, d) => row[b, h, 0, d] = all[b, h, query, d]);
            return row;
        }
    }

    [Theory]
    [InlineData(1, 1, 1)]   // one token after one prompt: a step of generation
    [InlineData(3, 2, 1)]
    [InlineData(2, 3, 4)]   // several tokens at once, causal among themselves
    public void Shared_CompletionsOfPrompts_AreAttentionOverTheJoinedKeys(int prompts, int completions, int tokens)
    {
        const int heads = 4, keyHeads = 2, promptTokens = 5, width = 8;
        using var scope = NewDisposeScope();
        var rows = prompts * completions;
        var q = Random(1, rows, heads, tokens, width);
        var (promptKeys, promptValues) =
            (Random(2, prompts, keyHeads, promptTokens, width), Random(3, prompts, keyHeads, promptTokens, width));
        var (keys, values) = (Random(4, rows, keyHeads, tokens, width), Random(5, rows, keyHeads, tokens, width));

        var found = SharedAttention.Run(q, promptKeys, promptValues, keys, values, promptMask: null);
        var joinedKeys = cat([promptKeys.repeat_interleave(completions, 0), keys], 2);
        var joinedValues = cat([promptValues.repeat_interleave(completions, 0), values], 2);
        var expected = Formula(q, joinedKeys, joinedValues, (_, query, key) => key <= promptTokens + query);

        Assert.InRange(Distance(found, expected), 0, Near);
    }

    [Fact]
    public void Shared_PaddedPrompt_IsNotLookedAt()
    {
        using var scope = NewDisposeScope();
        var isToken = tensor([false, false, true, true, true, true], [2, 3]);   // the first prompt has one token
        var q = Random(1, 2, 2, 1, 4);
        var (promptKeys, promptValues) = (Random(2, 2, 2, 3, 4), Random(3, 2, 2, 3, 4));
        var (keys, values) = (Random(4, 2, 2, 1, 4), Random(5, 2, 2, 1, 4));

        var found = SharedAttention.Run(
            q, promptKeys, promptValues, keys, values, AttentionMasks.Keys(isToken, ScalarType.Float32));
        var expected = Formula(
            q, cat([promptKeys, keys], 2), cat([promptValues, values], 2), (row, _, key) => row == 1 || key >= 2);

        Assert.InRange(Distance(found, expected), 0, Near);
    }

    [Fact]
    public void Masks_OfPaddedRows_HideTheFutureAndThePadding()
    {
        using var scope = NewDisposeScope();
        bool[] isToken = [false, true, true, true, true, true];   // two rows of three

        var causal = AttentionMasks.Causal(tensor(isToken, [2, 3]), ScalarType.Float32)!;
        var keys = AttentionMasks.Keys(tensor(isToken, [2, 3]), ScalarType.Float32)!;

        Assert.Equal([2L, 1L, 3L, 3L], causal.shape);
        Assert.Equal([2L, 1L, 1L, 3L], keys.shape);
        for (var row = 0; row < 2; row++)
        {
            for (var key = 0; key < 3; key++)
            {
                var isPadding = !isToken[(row * 3) + key];
                Assert.Equal(isPadding ? Attention.Hidden : 0f, keys[row, 0, 0, key].item<float>());
                for (var query = 0; query < 3; query++)
                {
                    var hidden = isPadding || key > query ? Attention.Hidden : 0f;
                    Assert.Equal(hidden, causal[row, 0, query, key].item<float>());
                }
            }
        }

        Assert.Null(AttentionMasks.Causal(null, ScalarType.Float32));
        Assert.Null(AttentionMasks.Keys(null, ScalarType.Float32));
    }

    [Fact]
    public void Rotary_Pair_IsTurnedByItsAngleAndKeepsItsLength()
    {
        using var scope = NewDisposeScope();
        var angles = tensor([0.0f, 0.5f, 2f, -1f], [1, 2, 1, 2]);   // two tokens, two frequencies
        var rotary = new Rotary(angles.cos(), angles.sin());
        var heads = Random(1, 1, 2, 3, 4);                           // [batch, tokens, heads, d]

        var turned = rotary.Apply(heads);

        for (var token = 0; token < 2; token++)
        {
            for (var head = 0; head < 3; head++)
            {
                for (var pair = 0; pair < 2; pair++)
                {
                    double angle = angles[0, token, 0, pair].item<float>();
                    double a = heads[0, token, head, pair].item<float>();
                    double b = heads[0, token, head, pair + 2].item<float>();
                    Assert.Equal((a * Math.Cos(angle)) - (b * Math.Sin(angle)),
                        turned[0, token, head, pair].item<float>(), 1e-6);
                    Assert.Equal((a * Math.Sin(angle)) + (b * Math.Cos(angle)),
                        turned[0, token, head, pair + 2].item<float>(), 1e-6);
                }
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TextRotary_TextAlone_ScoresDependOnDistancesOnly(bool isInterleaved)
    {
        // RoPE's reason (Su et al. 2021, equation 16): q at m times k at n is a function of m - n.
        using var scope = NewDisposeScope();
        var config = Tiny.Config(VlmFamily.Qwen3Vl).Text with
        {
            MropeInterleaved = isInterleaved, HeadDim = 12, MropeSection = [2, 2, 2],
        };
        using var rotary = new TextRotary(config, CPU);
        var (q, k) = (Random(1, 1, 1, 1, 12), Random(2, 1, 1, 1, 12));

        double Score(long m, long n) => (At(m).Apply(q) * At(n).Apply(k)).sum().item<float>();
        Rotary At(long place) => rotary.At(full([3, 1, 1], place, ScalarType.Int64), ScalarType.Float32);

        Assert.Equal(Score(9, 4), Score(25, 20), 1e-4);
        Assert.NotEqual(Score(9, 4), Score(9, 3), 1e-3);
    }

    [Theory]
    [InlineData(true, new[] { 0, 1, 2, 0, 0, 0 })]    // interleaved: 1 follows rows, 2 columns, one of each
    [InlineData(false, new[] { 0, 0, 0, 0, 1, 2 })]   // one section after the other
    public void TextRotary_EveryFrequency_FollowsTheAxisOfItsSection(bool isInterleaved, int[] axes)
    {
        using var scope = NewDisposeScope();
        var config = Tiny.Config(VlmFamily.Qwen3Vl).Text with
        {
            MropeInterleaved = isInterleaved, HeadDim = 12, MropeSection = [4, 1, 1], RopeTheta = 100,
        };
        using var rotary = new TextRotary(config, CPU);
        for (var axis = 0; axis < 3; axis++)
        {
            var positions = zeros([3, 1, 1], ScalarType.Int64);
            positions[axis] = 1;
            var angles = rotary.At(positions, ScalarType.Float32);
            for (var frequency = 0; frequency < 6; frequency++)
            {
                var angle = axes[frequency] == axis ? Math.Pow(100, -2.0 * frequency / 12) : 0;
                Assert.Equal(Math.Sin(angle), angles.Sin[0, 0, 0, frequency].item<float>(), 1e-6);
            }
        }
    }

    private static Tensor Random(ulong seed, params long[] shape)
    {
        using var generator = new Generator(seed);
        return randn(shape, generator: generator);
    }

    /// <summary>softmax(q kᵀ / √d) v over the keys that are seen.</summary>
    private static double[,,,] Formula(Tensor q, Tensor k, Tensor v, Func<int, int, int, bool> sees)
    {
        var (batch, heads, queries, width) = ((int)q.size(0), (int)q.size(1), (int)q.size(2), (int)q.size(3));
        var (groups, keys) = (heads / (int)k.size(1), (int)k.size(2));
        var result = new double[batch, heads, queries, width];
        for (var b = 0; b < batch; b++)
        {
            for (var h = 0; h < heads; h++)
            {
                for (var i = 0; i < queries; i++)
                {
                    var weights = new double[keys];
                    for (var j = 0; j < keys; j++)
                    {
                        double score = 0;
                        for (var d = 0; d < width; d++)
                        {
                            score += (double)q[b, h, i, d].item<float>() * k[b, h / groups, j, d].item<float>();
                        }

                        weights[j] = sees(b, i, j) ? Math.Exp(score / Math.Sqrt(width)) : 0;
                    }

                    for (var d = 0; d < width; d++)
                    {
                        for (var j = 0; j < keys; j++)
                        {
                            result[b, h, i, d] += weights[j] / weights.Sum() * v[b, h / groups, j, d].item<float>();
                        }
                    }
                }
            }
        }

        return result;
    }

    private static double Distance(Tensor found, double[,,,] expected)
    {
        Assert.Equal(
            [expected.GetLength(0), expected.GetLength(1), expected.GetLength(2), expected.GetLength(3)], found.shape);
        double most = 0;
        Visit(expected, (b, h, i, d) =>
            most = Math.Max(most, Math.Abs(found[b, h, i, d].item<float>() - expected[b, h, i, d])));
        return most;
    }

    private static void Visit(double[,,,] all, Action<int, int, int, int> see)
    {
        for (var b = 0; b < all.GetLength(0); b++)
        {
            for (var h = 0; h < all.GetLength(1); h++)
            {
                for (var i = 0; i < all.GetLength(2); i++)
                {
                    for (var d = 0; d < all.GetLength(3); d++)
                    {
                        see(b, h, i, d);
                    }
                }
            }
        }
    }
}
