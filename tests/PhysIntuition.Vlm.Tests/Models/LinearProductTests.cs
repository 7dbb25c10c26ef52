using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>The two ways of one product.</summary>
public sealed class LinearProductTests
{
    public LinearProductTests() => NativeTorch.Require();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(127, 0)]      // too few
    [InlineData(128, 16)]
    [InlineData(200, 20)]     // 16 to 19 do not divide it
    [InlineData(1440, 16)]
    [InlineData(1443, 37)]    // 3 x 13 x 37
    [InlineData(134, 0)]      // 2 x 67: 67 images would have two pixels
    [InlineData(1439, 0)]     // a prime
    public void Images_OfRows_DivideThemIntoAtLeastSixteenOfFourPixels(long rows, long images) =>
        Assert.Equal(images, LinearProduct.Images(rows));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Convolved_ValuesAndGradients_AreTheLinearLayers(bool hasBias)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        Tensor Random(params long[] shape) => rand(shape, generator: generator) - 0.5;
        var (x, weight, bias) = (Random(2, 72, 24), Random(10, 24), hasBias ? Random(10) : null);
        var wanted = Random(2, 72, 10);

        var expected = Values(x, weight, bias, nn.functional.linear);
        var actual = Values(x, weight, bias, (a, b, c) => LinearProduct.Convolved(a, b, c, images: 16));

        // Sums of 24 and 144 products below 1/4, in another order.
        Assert.All(expected.Zip(actual), pair => Assert.InRange(Reference.Distance(pair.Second, pair.First), 0, 1e-5));

        Tensor[] Values(Tensor x, Tensor weight, Tensor? bias, Func<Tensor, Tensor, Tensor?, Tensor> product)
        {
            Tensor?[] given = [x, weight, bias];
            Tensor[] leaves = [.. given.OfType<Tensor>().Select(tensor => tensor.clone().requires_grad_())];
            var y = product(leaves[0], leaves[1], leaves.ElementAtOrDefault(2));
            (y * wanted).sum().backward();
            return [y.detach(), .. leaves.Select(leaf => leaf.grad!)];
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(576)]
    public void Of_AnyNumberOfRows_IsTheLinearLayer(long rows)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2);
        var (x, weight) = (rand([rows, 12], generator: generator), rand([7, 12], generator: generator));

        var product = LinearProduct.Of(x, weight, bias: null);

        Assert.InRange(Reference.Distance(product, nn.functional.linear(x, weight)), 0, 1e-5);
    }
}
