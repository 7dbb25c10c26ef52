using PhysIntuition.Vlm;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Training;

/// <summary>What processes have of one another's gradients.</summary>
[Collection(TogetherTests.Name)]
public sealed class GradientSumTests
{
    private readonly ProcessGroup _group;

    /// <param name="together">Any number of processes.</param>
    public GradientSumTests(Together together)
    {
        NativeTorch.Require();
        _group = together.Group;
    }

    [Fact]
    public void Finish_MicroBatchesOfAll_AreAddedInTheirOrder()
    {
        float[] values = [1e8f, 1, -1e8f, 1, 3, 1e8f];
        var expected = 0f;
        foreach (var value in values)
        {
            expected += value;
        }

        using var first = Of([0, 0]);
        using var second = Of([0, 0, 0]);
        using var sum = new GradientSum(_group, [first, second]);
        for (var again = 0; again < 2; again++)
        {
            foreach (var i in _group.ShareOf(values.Length))
            {
                Learn(first, [values[i], i]);
                Learn(second, [1, -values[i], 0.5f]);
                sum.Add();
            }

            sum.Finish();

            Assert.Equal([expected, 15], first.grad!.data<float>().ToArray());
            Assert.Equal([6, -expected, 3], second.grad!.data<float>().ToArray());
            first.grad!.zero_();   // as the optimiser leaves it
            second.grad!.zero_();
        }
    }

    [Fact]
    public void Finish_MoreThanTravelsAtOnce_AddsAll()
    {
        const int count = 3_300_001;   // several windows for each process, and a rest
        using var parameter = Of(new float[count]);
        using var sum = new GradientSum(_group, [parameter]);
        float[] gradient = [.. Enumerable.Range(0, count).Select(i => (i % 1000) + _group.Rank)];
        Learn(parameter, gradient);

        sum.Add();
        sum.Finish();

        var size = _group.Size;
        Assert.Equal(Enumerable.Range(0, count).Select(i => (float)((size * (i % 1000)) + (size * (size - 1) / 2))),
            parameter.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Finish_ParameterThatSomeUsed_HasAGradientEverywhereAndAnUnusedOneNowhere()
    {
        using var used = Of([0]);
        using var unused = Of([0, 0]);
        using var sum = new GradientSum(_group, [unused, used]);
        if (_group.IsFirst)
        {
            Learn(used, [2]);
        }

        sum.Add();
        sum.Finish();

        Assert.Null(unused.grad);
        Assert.Equal([2f], used.grad!.data<float>().ToArray());
    }

    [Fact]
    public void AddressOf_Tensor_IsWhereItsNumbersLie()
    {
        using var values = tensor(new float[] { 3, 5 });

        Assert.Equal(5f, ReadAt(Nccl.AddressOf(values) + sizeof(float)));
    }

    private static unsafe float ReadAt(nint address) => *(float*)address;

    private static Parameter Of(float[] values) => nn.Parameter(tensor(values));

    private static void Learn(Parameter parameter, float[] gradient)
    {
        using var scope = NewDisposeScope();
        (parameter * tensor(gradient)).sum().backward();
    }
}
