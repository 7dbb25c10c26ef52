using System.Text.Json;
using PhysIntuition.Vlm;
using PhysIntuition.Vlm.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Recipes;

public sealed class PolicyLossTests
{
    private const int Rows = 8, Columns = 7;

    public PolicyLossTests() => NativeTorch.Require();

    [Fact]
    public void Compute_EveryReferenceSetting_GivesLossGradientAndMetrics()
    {
        using var vectors = new SafetensorsFile(Vectors.At("vlm/rl/grpo.safetensors"));
        var settings = Vectors.Json("vlm/rl/grpo.json");

        var entries = settings.GetProperty("losses").EnumerateArray().ToArray();
        Assert.True(entries.Length >= 18);
        Assert.All(entries, entry =>
        {
            using var scope = NewDisposeScope();
            var logProbs = Load(vectors, "logps").requires_grad_();
            var batch = Batch(vectors, logProbs, entry);

            var result = PolicyLoss.Compute(batch, Options(settings, entry));
            result.Loss.backward();

            // The reference is float32 and good to 1e-8; tiny losses are sums that cancel.
            var expected = entry.GetProperty("loss").GetDouble();
            Assert.Equal(expected, result.Loss.ToDouble(), (1e-6 * Math.Abs(expected)) + 3e-8);
            AssertGradient(vectors, "grad/" + entry.GetProperty("id").GetString(), logProbs);
            AssertMetrics(entry.GetProperty("metrics"), result.Metrics);
        });
    }

    [Theory]
    [InlineData("bnpo/token/beta0.0/eps0.2-0.2")]
    [InlineData("dapo/token/beta0.0/eps0.2-0.28")]
    [InlineData("dapo/token/beta0.04/eps0.2-0.2/onpolicy")]
    [InlineData("dr_grpo/token/beta0.04/eps0.2-0.2")]
    [InlineData("grpo/sequence/beta0.0/eps0.2-0.2")]
    [InlineData("grpo/token/beta0.0/eps0.2-0.2/topq0.2")]
    [InlineData("gspo_paper/onpolicy")]
    [InlineData("luspo/sequence/beta0.0/eps0.2-0.2")]
    public void Compute_SettingKnownByItsName_GivesTheReferenceGradient(string name)
    {
        using var vectors = new SafetensorsFile(Vectors.At("vlm/rl/grpo.safetensors"));
        using var scope = NewDisposeScope();
        var logProbs = Load(vectors, "logps").requires_grad_();
        var isOnPolicy = name.EndsWith("onpolicy", StringComparison.Ordinal);
        var batch = new PolicyBatch(logProbs, Load(vectors, "mask"), Load(vectors, "advantages"))
        {
            OldLogProbs = isOnPolicy ? null : Load(vectors, "old_logps"),
            ReferenceLogProbs = Load(vectors, "ref_logps"),
            Entropies = Load(vectors, "entropies"),
        };

        PolicyLoss.Compute(batch, OptionsOf(name)).Loss.backward();

        AssertGradient(vectors, "grad/" + name, logProbs);
    }

    [Fact]
    public void Compute_MicroBatchesOfDapo_AddUpToTheWhole()
    {
        using var vectors = new SafetensorsFile(Vectors.At("vlm/rl/grpo.safetensors"));
        using var scope = NewDisposeScope();
        var options = new GrpoOptions { Objective = PolicyObjective.Dapo };
        double Loss(long from, long count, double tokens)
        {
            Tensor Part(string name) => Load(vectors, name).narrow(0, from, count);
            var batch = new PolicyBatch(Part("logps"), Part("mask"), Part("advantages"))
            {
                OldLogProbs = Part("old_logps"), TokensInGeneration = tokens,
            };
            return PolicyLoss.Compute(batch, options).Loss.ToDouble();
        }

        var tokens = Load(vectors, "mask").sum().ToDouble();

        Assert.Equal(Loss(0, 8, tokens), Loss(0, 3, tokens) + Loss(3, 5, tokens), 1e-12);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1.1)]
    public void Compute_TokensOfAnotherSampler_CountByTheirRatioUpToTheCap(double cap)
    {
        using var vectors = new SafetensorsFile(Vectors.At("vlm/rl/grpo.safetensors"));
        using var scope = NewDisposeScope();
        var options = new GrpoOptions { ImportanceCap = cap };
        var (plain, plainMetrics) = Gradient(null);
        var (corrected, metrics) = Gradient(Load(vectors, "ref_logps"));

        // Truncated importance sampling weighs each token's term, and so its gradient, by min(p / q, cap).
        var gap = (Load(vectors, "old_logps") - Load(vectors, "ref_logps")) * Load(vectors, "mask");
        var expected = (plain * gap.exp().clamp(max: cap)).data<double>().ToArray();
        Assert.All(expected.Zip(corrected.data<double>().ToArray()),
            pair => Assert.Equal(pair.First, pair.Second, 1e-9));
        Assert.Contains(gap.exp().data<double>().ToArray(), ratio => ratio > 1.1);
        Assert.Equal(gap.abs().max().ToDouble(), metrics["sampling/sampling_logp_difference/max"], 1e-12);
        Assert.Equal(gap.exp().max().ToDouble(), metrics["sampling/importance_sampling_ratio/max"], 1e-12);
        Assert.DoesNotContain("sampling/importance_sampling_ratio/max", plainMetrics.Keys);

        (Tensor Gradient, IReadOnlyDictionary<string, double> Metrics) Gradient(Tensor? sampler)
        {
            var logProbs = Load(vectors, "logps").requires_grad_();
            var result = PolicyLoss.Compute(
                new PolicyBatch(logProbs, Load(vectors, "mask"), Load(vectors, "advantages"))
                {
                    OldLogProbs = Load(vectors, "old_logps"), SamplerLogProbs = sampler,
                }, options);
            result.Loss.backward();
            return (logProbs.grad!, result.Metrics);
        }
    }

    [Fact]
    public void Compute_TensorThatIsMissing_IsNamed()
    {
        using var scope = NewDisposeScope();
        var batch = new PolicyBatch(zeros([1, 1]), ones([1, 1]), ones([1]));

        Assert.Contains("reference", Refused(batch, new() { Beta = 0.1 }));
        Assert.Contains("entropies", Refused(batch, new() { EntropyCoefficient = 0.1 }));
        Assert.Contains("entropies", Refused(batch, new() { TopEntropyShare = 0.5 }));
        Assert.Contains("sequence-level", Refused(batch, new() { Objective = PolicyObjective.Luspo }));
    }

    private static string Refused(PolicyBatch batch, GrpoOptions options) =>
        Assert.Throws<ArgumentException>(() => PolicyLoss.Compute(batch, options)).Message;

    private static void AssertGradient(SafetensorsFile vectors, string name, Tensor logProbs)
    {
        var expected = vectors.Get(name).ToFloats();
        var actual = logProbs.grad!.data<double>().ToArray();
        var tolerance = 1e-6 * expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    private static void AssertMetrics(JsonElement expected, IReadOnlyDictionary<string, double> actual) =>
        Assert.All(expected.EnumerateObject().Where(metric => metric.Name != "entropy_coef"), metric =>
        {
            var value = metric.Value.GetDouble();
            Assert.Equal(value, actual[metric.Name], (1e-6 * Math.Abs(value)) + 3e-8);
        });

    private static PolicyBatch Batch(SafetensorsFile vectors, Tensor logProbs, JsonElement entry) =>
        new(logProbs, Load(vectors, "mask"), Load(vectors, "advantages"))
        {
            OldLogProbs = entry.GetProperty("old_logps_given").GetBoolean() ? Load(vectors, "old_logps") : null,
            ReferenceLogProbs = Load(vectors, "ref_logps"),
            Entropies = Load(vectors, "entropies"),
            TokensInGeneration = entry.GetProperty("num_items_in_batch").GetDouble(),
            AccumulationSteps = entry.GetProperty("gradient_accumulation_steps").GetInt32(),
        };

    private static GrpoOptions Options(JsonElement settings, JsonElement entry) => new()
    {
        Objective = Objective(entry.GetProperty("loss_type").GetString()!),
        SequenceLevel = entry.GetProperty("importance_sampling_level").GetString() == "sequence",
        Beta = entry.GetProperty("beta").GetDouble(),
        EpsilonLow = entry.GetProperty("epsilon_low").GetDouble(),
        EpsilonHigh = entry.GetProperty("epsilon_high").GetDouble(),
        Delta = Number(entry.GetProperty("delta")),
        CorrectKlBias = entry.GetProperty("use_bias_correction_kl").GetBoolean(),
        TopEntropyShare = entry.GetProperty("top_entropy_quantile").GetDouble(),
        EntropyCoefficient = entry.GetProperty("entropy_coef").GetDouble(),
        OffPolicyThreshold = Number(entry.GetProperty("off_policy_mask_threshold")),
        MaxCompletionTokens = settings.GetProperty("max_completion_length").GetInt32(),
    };

    private static GrpoOptions OptionsOf(string name) => new()
    {
        Objective = name.StartsWith("gspo", StringComparison.Ordinal)
            ? PolicyObjective.Grpo
            : Objective(name[..name.IndexOf('/')]),
        SequenceLevel = name.Contains("sequence") || name.StartsWith("gspo", StringComparison.Ordinal),
        Beta = name.Contains("beta0.04") ? 0.04 : 0,
        EpsilonLow = name.StartsWith("gspo", StringComparison.Ordinal) ? 3e-4 : 0.2,
        EpsilonHigh = name.StartsWith("gspo", StringComparison.Ordinal) ? 4e-4 : name.Contains("0.28") ? 0.28 : 0.2,
        TopEntropyShare = name.EndsWith("topq0.2", StringComparison.Ordinal) ? 0.2 : 1,
        MaxCompletionTokens = 16,
    };

    private static PolicyObjective Objective(string name) =>
        Enum.Parse<PolicyObjective>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);

    private static double Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? 0 : value.GetDouble();

    private static Tensor Load(SafetensorsFile vectors, string name)
    {
        var view = vectors.Get(name);
        var values = view.Type == DType.I64
            ? Array.ConvertAll(view.As<long>().ToArray(), value => (double)value)
            : Array.ConvertAll(view.ToFloats(), value => (double)value);
        return name == "advantages" ? Given.Doubles(values) : Given.Doubles(values).reshape(Rows, Columns);
    }
}
