using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp;

public sealed class ModuleTests
{
    [Fact]
    public void NamedParameters_Tree_HasDottedNamesInOrder()
    {
        Native.Require();
        using var pair = new Pair();

        string[] names = [.. pair.named_parameters().Select(item => item.name)];

        Assert.Equal(
            ["list.0.weight", "list.0.bias", "list.1.weight", "list.1.bias", "norm.weight", "norm.bias"], names);
    }

    [Fact]
    public void StateDict_LoadedIntoATwin_MakesItEqual()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        using var first = new Pair();
        using var second = new Pair();
        var input = ones([1, 3]);

        second.load_state_dict(first.state_dict());

        Assert.Equal(Native.Values(first.forward(input)), Native.Values(second.forward(input)));
        var wrong = first.state_dict();
        wrong.Remove("norm.bias");
        Assert.Contains(
            "norm.bias", Assert.Throws<InvalidOperationException>(() => second.load_state_dict(wrong)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void LayerNorm_OfARow_HasNoMeanAndUnitVariance()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        using var norm = nn.LayerNorm(4, eps: 0);

        var y = norm.forward(tensor([1f, 2, 3, 6], [1, 4]));

        Assert.Equal(0, y.mean().item<float>(), 1e-6f);
        Assert.Equal(1, y.std(unbiased: false).item<float>(), 1e-5f);
    }

    [Fact]
    public void Save_TensorOfEveryType_ComesBackEqual()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        ScalarType[] types = [float32, float64, bfloat16, float16, int64, int32, uint8, @bool];
        foreach (var type in types)
        {
            var path = Path.GetTempFileName();
            var value = arange(0, 6, float32).view(2, 3).to(type);
            save(value, path);

            var back = load(path);

            File.Delete(path);
            Assert.Equal(type, back.dtype);
            Assert.Equal(Native.Values(value), Native.Values(back));
        }
    }

    [Fact]
    public void CrossEntropy_IgnoredTargets_DoNotCount()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        var logits = tensor([0f, 0, 0, 1, 2, 3], [2, 3]);

        var loss = nn.functional.cross_entropy(logits, tensor(new long[] { 2, -100 }, [2]));

        Assert.Equal(MathF.Log(3), loss.item<float>(), 1e-6f);   // three equal scores
    }

    [Fact]
    public void Generator_SameSeed_DrawsTheSame()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        using var first = new Generator(7);
        using var second = new Generator(7);

        var a = rand([100], generator: first);
        var b = rand([100], generator: second);

        Assert.Equal(Native.Values(a), Native.Values(b));
        Assert.NotEqual(Native.Values(a), Native.Values(rand([100], generator: first)));
        Assert.InRange(a.mean().item<float>(), 0.35f, 0.65f);   // five deviations of 100 uniform numbers: 0.144
    }

    private sealed class Pair : nn.Module<Tensor, Tensor>
    {
        private readonly ModuleList<Linear> _list = new(nn.Linear(3, 4), nn.Linear(4, 2));
        private readonly LayerNorm _norm = nn.LayerNorm(2);

        public Pair()
            : base(nameof(Pair))
        {
            register_module("list", _list);
            register_module("norm", _norm);
        }

        public override Tensor forward(Tensor input) =>
            _norm.forward(_list[1].forward(nn.functional.relu(_list[0].forward(input))));
    }
}
