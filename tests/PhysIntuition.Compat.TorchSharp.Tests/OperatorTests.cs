using static TorchSharp.torch;

namespace TorchSharp;

public sealed class OperatorTests
{
    private static readonly float[] s_values = [-2.5f, -1f, -0.25f, 0.5f, 1.75f, 3f];

    public static TheoryData<string, Func<Tensor, Tensor>, Func<double, double>> Unary => new()
    {
        { "neg", x => x.neg(), x => -x },
        { "abs", x => x.abs(), Math.Abs },
        { "exp", x => x.exp(), Math.Exp },
        { "square", x => x.square(), x => x * x },
        { "sin", x => x.sin(), Math.Sin },
        { "cos", x => x.cos(), Math.Cos },
        { "tanh", x => x.tanh(), Math.Tanh },
        { "sigmoid", x => x.sigmoid(), x => 1 / (1 + Math.Exp(-x)) },
        { "relu", x => x.relu(), x => Math.Max(x, 0) },
        { "silu", x => x.silu(), x => x / (1 + Math.Exp(-x)) },
        { "floor", x => x.floor(), Math.Floor },
        { "round", x => x.round(), x => Math.Round(x, MidpointRounding.ToEven) },
        { "sign", x => x.sign(), x => Math.Sign(x) },
        { "log", x => x.abs().log(), x => Math.Log(Math.Abs(x)) },
        { "sqrt", x => x.abs().sqrt(), x => Math.Sqrt(Math.Abs(x)) },
        { "rsqrt", x => x.abs().rsqrt(), x => 1 / Math.Sqrt(Math.Abs(x)) },
        { "tanh gelu", x => nn.functional.gelu(x, Modules.GELU.Approximate.tanh), TanhGelu },
        { "clamp", x => x.clamp(-1, 2), x => Math.Clamp(x, -1, 2) },
        { "number operators", x => (3 - x) * 2 / 4 + 1 - 0.5, x => ((3 - x) * 2 / 4) + 1 - 0.5 },
        { "pow", x => x.pow(3), x => x * x * x },
        { "greater", x => x.gt(0).to(float32), x => x > 0 ? 1 : 0 },
        { "at most", x => x.le(1.75).to(float32), x => x <= 1.75 ? 1 : 0 },
        { "in place", x => x.clone().add_(2).mul_(3).sub_(1).div_(2), x => (((x + 2) * 3) - 1) / 2 },
        { "where", x => where(x.lt(0), x * 2, x * 3), x => x < 0 ? x * 2 : x * 3 },
        { "masked_fill", x => x.masked_fill(x.lt(0), 7), x => x < 0 ? 7 : x },
        { "addcmul", x => addcmul(x, x, x, 0.5), x => x + (0.5 * x * x) },
    };

    [Theory]
    [MemberData(nameof(Unary), DisableDiscoveryEnumeration = true)]
    public void Operator_OnNumbers_IsTheFunctionItIsNamedAfter(
        string name, Func<Tensor, Tensor> operation, Func<double, double> function)
    {
        Native.Require();
        using var scope = NewDisposeScope();

        var result = operation(tensor(s_values, [2, 3]));

        Assert.NotEmpty(name);
        Assert.Equal([2, 3], result.shape);
        Native.AssertClose([.. s_values.Select(x => (float)function(x))], result, 1e-5f);
    }

    [Fact]
    public void Matmul_SmallMatrices_IsTheSumOfProducts()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        var a = tensor([1f, 2, 3, 4, 5, 6], [2, 3]);
        var b = tensor([1f, 0, 2, 1, 0, 3], [3, 2]);

        Native.AssertClose([5, 11, 14, 23], a.matmul(b));
        Native.AssertClose([5, 11, 14, 23], nn.functional.linear(a, b.transpose(0, 1)));
        Native.AssertClose([6, 12, 15, 24], a.unsqueeze(0).bmm(b.unsqueeze(0)) + 1);
    }

    [Fact]
    public void Reductions_AlongADimension_AreThoseOfEachRow()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        var x = tensor([1f, 5, 2, 4, 0, 3], [2, 3]);

        Native.AssertClose([8, 7], x.sum(1L));
        Native.AssertClose([2.5f, 2.5f, 2.5f], x.mean([0L]));
        Native.AssertClose([5, 4], x.max(1).values);
        Assert.Equal([1L, 0L], x.max(1).indexes.data<long>());
        Assert.Equal([1L, 0L], x.argmax(1).data<long>());
        Native.AssertClose([5, 2, 4, 3], x.topk(2).values);
        Native.AssertClose([1, 2, 5, 0, 3, 4], x.sort().Values);
        Native.AssertClose([1, 6, 8, 4, 4, 7], x.cumsum(1));
        Native.AssertClose([1, 1], x.softmax(1).sum(1L));
        Native.AssertClose([MathF.Log(MathF.Exp(1) + MathF.Exp(5) + MathF.Exp(2))], x.select(0, 0).logsumexp(0), 1e-5f);
    }

    [Fact]
    public void Views_OfARange_PickTheElementsThatTheyName()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        var x = arange(0, 6, float32).view(2, 3);

        Native.AssertClose([0, 3, 1, 4, 2, 5], x.transpose(0, 1).reshape(6));
        Native.AssertClose([1, 2, 4, 5], x.narrow(1, 1, 2));
        Native.AssertClose([0, 2, 3, 5], x.slice(1, 0, 3, 2));
        Native.AssertClose([3, 4, 5, 0, 1, 2], x.index_select(0, tensor(new long[] { 1, 0 }, [2])));
        Native.AssertClose([2, 3], x.gather(1, tensor(new long[] { 2, 0 }, [2, 1])));
        Native.AssertClose([0, 1, 2, 0, 1, 2], x.narrow(0, 0, 1).expand(2, 3));
        Native.AssertClose([0, 0, 1, 1], x.flatten().narrow(0, 0, 2).repeat_interleave(2, 0));
        Native.AssertClose([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5], cat([x, x]));
        Assert.Equal([2L, 2, 3], stack([x, x]).shape);
        Assert.Equal([1L, 2L], x.split([1, 2], 1).Select(part => part.size(1)));
        Native.AssertClose([0, 1, 2, 13, 24, 35], x.index_add(0, tensor(new long[] { 1 }, [1]), x.narrow(0, 1, 1)
            * tensor([10f / 3, 5, 6], [3]), 1), 1e-5f);
    }

    [Fact]
    public void Attention_CausalAndMasked_AreTheWrittenOutSums()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var (q, k, v) = (Random(), Random(), Random());
        var hidden = ones([5, 5], ScalarType.Bool).triu(1);
        var scores = q.matmul(k.transpose(-2, -1)) / Math.Sqrt(8);
        var expected = scores.masked_fill(hidden, -1e30).softmax(-1).matmul(v);

        var causal = nn.functional.scaled_dot_product_attention(q, k, v, null, 0, true);
        var masked = nn.functional.scaled_dot_product_attention(
            q, k, v, zeros([5, 5]).masked_fill(hidden, -1e30), 0, false);

        Native.AssertClose(Native.Values(expected), causal, 1e-5f);
        Native.AssertClose(Native.Values(expected), masked, 1e-5f);

        Tensor Random() => randn([2, 3, 5, 8], generator: generator);
    }

    private static double TanhGelu(double x) =>
        0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));
}
