using PhysIntuition.Vlm.Weights;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>What the library does with modules behind the compiler's back.</summary>
public sealed class PartTests
{
    private const string Embedding = "model.language_model.embed_tokens.weight";

    [Theory]
    [InlineData(VlmFamily.Qwen3Vl, 34)]    // 2 blocks of 4, 2 mergers of 2, 3 layers of 7, the head
    [InlineData(VlmFamily.Qwen25Vl, 34)]   // 2 blocks of 5, a merger of 2, 3 layers of 7, the head
    public void Modules_OfAModel_AreRegisteredOnceUnderACheckpointsNames(VlmFamily family, int linearLayers)
    {
        using var model = Tiny.Model(family);

        var parameters = model.named_parameters().ToArray();

        Assert.Equal(linearLayers, model.LinearLayers.Count);
        Assert.Equal(linearLayers, model.LinearLayers.Select(layer => layer.Path).Distinct().Count());
        Assert.Equal(parameters.Length, parameters.Select(item => item.parameter.Handle).Distinct().Count());
        Assert.All(parameters, item => Assert.DoesNotContain("._", item.name));
        Assert.All(model.LinearLayers, layer =>
            Assert.Contains(parameters, item => item.name == layer.Path + ".weight"));
    }

    [Fact]
    public void Embedding_AfterAStep_HasLearnedTheRowsThatWereLookedUpAndNoOther()
    {
        using var model = Tiny.Model(placement: new WeightPlacement { IsTrainable = true });
        using var scope = NewDisposeScope();
        var tokens = tensor((long[])[3, 5, 3], [1, 3]);
        var before = model.Decoder.Embedding.Forward(tokens);
        var weight = Assert.Single(model.named_parameters(), item => item.name == Embedding).parameter;
        using var optimiser = optim.SGD(model.parameters(), learningRate: 0.5);

        before.square().sum().backward();
        optimiser.step();

        // d (e . e) / d e = 2 e; row 3 was looked up twice, row 5 once: e - 0.5 * 2 e * times.
        var after = model.Decoder.Embedding.Forward(tokens);
        var expected = before.detach() * tensor((float[])[-1, 0, -1], [1, 3, 1]);
        Assert.InRange(Reference.Distance(after, expected), 0, 1e-6);
        Assert.Equal([3L, 5L], weight.grad!.abs().sum(1).nonzero().view(-1).data<long>().ToArray());
    }
}
