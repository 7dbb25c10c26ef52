using PhysIntuition.Vlm;
using PhysIntuition.Vlm.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Recipes;

public sealed class LikelihoodLossTests
{
    public LikelihoodLossTests() => NativeTorch.Require();

    [Theory]
    [InlineData("qwen3vl", "one_image")]
    [InlineData("qwen25vl", "one_image")]
    [InlineData("qwen3vl", "video")]
    public void SupervisedLoss_ReferenceModelsTokens_IsTheReferenceLoss(string family, string name)
    {
        using var vectors = new SafetensorsFile(Vectors.At($"vlm/{family}/expected.safetensors"));
        using var scope = NewDisposeScope();
        var logProbs = tensor(vectors.Get($"{name}/token_logps").ToFloats());   // [j]: log p(id[j + 1] | ids[..j])
        var mask = tensor(Array.ConvertAll(
            vectors.Get($"{name}/labels").As<long>()[1..].ToArray(), label => label == -100 ? 0f : 1f));
        var tokens = mask.sum().ToDouble();

        var loss = Sft.Loss(logProbs, mask, tokens);

        var expected = Vectors.Json($"vlm/{family}/expected.json").GetProperty("cases").GetProperty(name);
        Assert.Equal(expected.GetProperty("n_label_tokens").GetInt32(), tokens);
        Assert.Equal(expected.GetProperty("loss").GetDouble(), loss.ToDouble(), 1e-6 * loss.ToDouble());
    }

    [Fact]
    public void SupervisedLoss_Dynamic_WeightsByTheTokensProbability()
    {
        using var scope = NewDisposeScope();
        var logProbs = Given.Doubles([Math.Log(0.5), Math.Log(0.25), Math.Log(0.1)]).requires_grad_();
        var mask = Given.Doubles([1, 1, 0]);

        var loss = Sft.Loss(logProbs, mask, 2, isDynamic: true);
        loss.backward();

        Assert.Equal(((0.5 * Math.Log(2)) + (0.25 * Math.Log(4))) / 2, loss.ToDouble(), 1e-12);
        Assert.Equal([-0.25, -0.125, 0], logProbs.grad!.data<double>().ToArray());   // the weight has no gradient
    }

    [Fact]
    public void ProximalLoss_RandomData_EqualsTheFormulaTokenByToken()
    {
        var random = new Random(5);
        double[] Row() => [.. Enumerable.Range(0, 12).Select(_ => (random.NextDouble() - 0.5) * 1.5)];
        double[] lp = Row(), old = Row(), v = Row(), vOld = Row(), a = Row(), r = Row();
        double expected = 0;
        for (var i = 0; i < 12; i++)
        {
            var rho = Math.Exp(lp[i] - old[i]);
            var policy = Math.Max(-a[i] * rho, -a[i] * Math.Clamp(rho, 0.8, 1.2));
            var near = Math.Clamp(v[i], vOld[i] - 0.2, vOld[i] + 0.2);
            var value = 0.5 * Math.Max(Math.Pow(v[i] - r[i], 2), Math.Pow(near - r[i], 2));
            expected += (policy + (0.1 * value)) / 12;
        }

        using var scope = NewDisposeScope();
        var loss = Ppo.Loss(Given.Doubles(lp), Given.Doubles(v),
            new(Given.Doubles(old), Given.Doubles(vOld), Given.Doubles(a), Given.Doubles(r)), new());

        Assert.Equal(expected, loss.ToDouble(), 1e-12);
    }
}
