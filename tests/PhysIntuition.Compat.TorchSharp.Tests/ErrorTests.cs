using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

public sealed class ErrorTests
{
    [Fact]
    public void Matmul_ShapesThatDoNotFit_NamesTheOperatorInOneLine()
    {
        Native.Require();
        using var scope = NewDisposeScope();

        var error = Assert.Throws<ExternalException>(() => ones([2, 3]).matmul(ones([4, 5])));

        Assert.StartsWith("matmul: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("2x3 and 4x5", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Tensor_DataOfAnotherLength_SaysBothByteCounts()
    {
        Native.Require();

        var error = Assert.Throws<ExternalException>(() => tensor([1f, 2f], [3]));

        Assert.Contains("8 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("needs 12", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Error_OnOneThread_IsNotSeenOnAnother()
    {
        Native.Require();
        Parallel.For(0, 200, index =>
        {
            using var scope = NewDisposeScope();
            var wrong = 2 + index;
            var error = Assert.Throws<ExternalException>(() => ones([wrong, 1]).view(wrong + 1));
            Assert.Contains($"[{wrong + 1}]", error.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Device_UnknownName_SaysWhatIsKnown()
    {
        var error = Assert.Throws<ArgumentException>(() => new Device("tpu"));

        Assert.Contains("cpu, cuda, or cuda:N", error.Message, StringComparison.Ordinal);
    }
}
