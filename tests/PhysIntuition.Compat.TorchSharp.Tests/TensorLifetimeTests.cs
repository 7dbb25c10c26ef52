using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Counts native references; alone in its collection, so that no other test makes any meanwhile.</summary>
[CollectionDefinition(nameof(TensorLifetimeTests), DisableParallelization = true)]
[Collection(nameof(TensorLifetimeTests))]
public sealed class TensorLifetimeTests
{
    [Fact]
    public void Scope_AMillionOperations_LeavesNoTensorBehind()
    {
        Native.Require();
        var before = Settle();
        using (NewDisposeScope())
        {
            var weight = ones([4]).requires_grad_();
            for (var round = 0; round < 50_000; round++)
            {
                // Twenty operations that make a tensor each, a backward pass, and now and then one that fails.
                using var scope = NewDisposeScope();
                var x = weight * 2;
                for (var i = 0; i < 6; i++)
                {
                    x = (x + weight).tanh() * 0.5;
                }

                x.sum().backward();
                weight.grad = null;
                if (round % 16 == 0)
                {
                    Assert.Throws<ExternalException>(() => x.view(3));
                }
            }
        }

        Assert.Equal(before, Settle());
    }

    [Fact]
    public void Scope_MovedAndDetachedTensors_OutliveIt()
    {
        Native.Require();
        var before = Settle();
        Tensor detached;
        using (NewDisposeScope())
        {
            Tensor moved, inner;
            using (NewDisposeScope())
            {
                inner = zeros([1]);
                moved = zeros([1]).MoveToOuterDisposeScope();
                detached = zeros([1]).DetachFromDisposeScope();
            }

            Assert.True(inner.IsInvalid);
            Assert.False(moved.IsInvalid);
        }

        Assert.Equal(before + 1, DisposeScopeManager.LiveTensors);
        detached.Dispose();
        detached.Dispose();
        Assert.Equal(before, DisposeScopeManager.LiveTensors);
        Assert.Throws<ObjectDisposedException>(() => detached.sum());
    }

    [Fact]
    public void Finalizer_ForgottenTensors_ReleasesThem()
    {
        Native.Require();
        var before = Settle();
        Forget();

        Assert.Equal(before, Settle());

        static void Forget()
        {
            for (var i = 0; i < 1000; i++)
            {
                _ = zeros([10]);
            }
        }
    }

    [Fact]
    public void Function_GraphWithManagedBackward_IsReleasedWithItsResult()
    {
        Native.Require();
        var before = Settle();
        for (var i = 0; i < 200; i++)
        {
            using var scope = NewDisposeScope();
            var x = ones([3]).requires_grad_();
            var y = FunctionTests.Cube.apply(x);
            if (i % 2 == 0)
            {
                y.sum().backward();
            }
        }

        Assert.Equal(before, Settle());
    }

    private static long Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return DisposeScopeManager.LiveTensors;
    }
}
