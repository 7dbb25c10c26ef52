using PhysIntuition.Vlm;
using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>The linear map from a hidden state to a value.</summary>
public sealed class ValueHeadTests
{
    public ValueHeadTests() => NativeTorch.Require();

    [Fact]
    public void Of_FreshHead_ValuesEverythingAtZero()
    {
        using var scope = NewDisposeScope();
        using var head = new ValueHead(4, CPU);

        Assert.Equal([0f, 0f, 0f], head.Of(ones([3, 4])).data<float>().ToArray());
    }

    [Fact]
    public void Of_WeightsAndBias_IsTheirProductAndSum()
    {
        using var scope = NewDisposeScope();
        using var head = Filled();

        // 1 x 1 - 2 x 2 + 0.5 x 4 + 0.25 and the bias alone.
        Assert.Equal([-0.75f, 0.25f], head.Of(tensor([1f, 2, 4, 0, 0, 0], [2, 3])).data<float>().ToArray());
    }

    [Fact]
    public void Of_StatesInBFloat16_AreValuedInSinglePrecision()
    {
        using var scope = NewDisposeScope();
        using var head = Filled();
        var values = head.Of(tensor([1f, 2, 4], [1, 3]).to(ScalarType.BFloat16));

        Assert.Equal(ScalarType.Float32, values.dtype);
        Assert.Equal([-0.75f], values.data<float>().ToArray());
    }

    [Fact]
    public void Of_SquaredError_HasTheGradientByHand()
    {
        using var scope = NewDisposeScope();
        using var head = Filled();

        // Value -0.75, wanted 1.25: d/dw of (v - 1.25)² is 2 (v - 1.25) x = -4 x, and -4 for the bias.
        (head.Of(tensor([1f, 2, 4], [1, 3])) - 1.25f).square().sum().backward();

        Assert.Equal([-4f, -8, -16], head.Parameters[0].Parameter.grad!.data<float>().ToArray());
        Assert.Equal([-4f], head.Parameters[1].Parameter.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Save_Head_IsAFileWithBothByName()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var head = Filled();
        Assert.Null(ValueHead.Open(folder.Root));

        head.Save(folder.Root);

        using var file = ValueHead.Open(folder.Root)!;
        Assert.Equal([1f, -2f, 0.5f], file.Get("value_head.weight").ToFloats());
        Assert.Equal([0.25f], file.Get("value_head.bias").ToFloats());
    }

    private static ValueHead Filled()
    {
        var head = new ValueHead(3, CPU);
        using var none = no_grad();
        head.Parameters[0].Parameter.copy_(tensor([1f, -2, 0.5f], [1, 3]));
        head.Parameters[1].Parameter.copy_(tensor([0.25f]));

        return head;
    }
}
