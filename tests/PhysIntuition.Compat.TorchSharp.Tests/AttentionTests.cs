using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>The fused attention against the written-out formula in float64, forward and backward.</summary>
public sealed class AttentionTests
{
    // Below, at, and above a block of rows and a vector of keys; widths with and without a remainder.
    public static TheoryData<int, int, int, bool, bool> Shapes => new()
    {
        { 1, 1, 4, false, false },
        { 7, 7, 32, true, false },
        { 48, 16, 16, false, true },
        { 50, 70, 20, false, true },
        { 97, 97, 8, true, false },
        { 5, 33, 72, true, true },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Attention_AnyShape_AgreesWithTheFormulaInDoublePrecision(
        int rows, int keys, int width, bool isCausal, bool isMasked)
    {
        Native.Require();
        using var scope = NewDisposeScope();
        using var generator = new Generator(9);
        Tensor[] inputs = [Random(rows), Random(keys), Random(keys)];
        var mask = isMasked ? randn([2, 1, rows, keys], generator: generator) * 2 : null;
        var weight = Random(rows);

        var single = Run(inputs, mask, ScalarType.Float32);
        var exact = Run(inputs, mask, ScalarType.Float64);

        for (var i = 0; i < single.Length; i++)
        {
            var difference = (single[i].to(ScalarType.Float64) - exact[i]).abs().max().item<double>();
            Assert.InRange(difference, 0, 2e-5);
        }

        Tensor Random(int count) => randn([2, count, 3, width], generator: generator).transpose(1, 2);

        Tensor[] Run(Tensor[] values, Tensor? added, ScalarType type)
        {
            Tensor[] leaves = [.. values.Select(value => value.to(type, copy: true).requires_grad_())];
            var output = isCausal && added is null
                ? nn.functional.scaled_dot_product_attention(leaves[0], leaves[1], leaves[2], null, 0, true)
                : nn.functional.scaled_dot_product_attention(
                    leaves[0], leaves[1], leaves[2], Joined(added, type), 0, false);
            (output * weight.to(type)).sum().backward();
            return [output.detach(), .. leaves.Select(leaf => leaf.grad!)];
        }

        Tensor? Joined(Tensor? added, ScalarType type)
        {
            var hidden = isCausal ? full([rows, keys], -3e38, type).triu(1) : null;
            return added is null ? hidden : hidden is null ? added.to(type) : added.to(type) + hidden;
        }
    }

    [Fact]
    public void Attention_RowThatMaySeeNothing_StaysFinite()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        var x = ones([1, 1, 3, 4]);
        var mask = full([1, 1, 3, 3], -3e38f);

        var y = nn.functional.scaled_dot_product_attention(x, x, x, mask, 0, false);

        Native.AssertClose([.. Enumerable.Repeat(1f, 12)], y);   // equal weights over equal values
    }
}
