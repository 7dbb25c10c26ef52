using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using PhysIntuition.Gpu.Stages;
using PhysIntuition.Rendering;

namespace PhysIntuition.Gpu.Tests;

/// <summary>A changed kernel is seen here, whoever changed it.</summary>
public sealed class TextTests
{
    // Of the text without its prelude. It changes with the kernel, with the translator and with the C# compiler; the
    // commit that changes it says which, after BytesTests passed and, where there is a GPU, the benchmark's comparison.
    private const string Golden =
        "09cac2fa22bd04557c528b74dd7c82fc7eabb5c9fc5ed9e92a4cde56267e147f";

    [Fact]
    public void Body_IsTheTextThatWasLookedAt()
    {
        var isOptimised = !typeof(CpuRenderer).Assembly.GetCustomAttributes(false).OfType<DebuggableAttribute>()
            .Any(attribute => attribute.IsJITOptimizerDisabled);
        Assert.SkipUnless(isOptimised, "The IL of a Debug build is another text.");

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(DeviceText.Body)));

        Assert.True(hash == Golden, $"The kernels' text is new: {hash}, not {Golden}. See the note at the constant.");
    }

    [Fact]
    public void Body_NeedsNothingButItsPrelude()
    {
        string[] foreign = ["#include", "printf", "malloc", "goto *"];

        Assert.DoesNotContain(foreign, word => DeviceText.Body.Contains(word, StringComparison.Ordinal));
        Assert.DoesNotContain("extern", DeviceText.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void Body_IsTheSameAtEveryTranslation()
    {
        var again = Translation.KernelTranslator.Translate(
            typeof(DeviceKernels).GetMethod(nameof(DeviceKernels.Prepare))!,
            typeof(DeviceKernels).GetMethod(nameof(DeviceKernels.Cull))!,
            typeof(DeviceKernels).GetMethod(nameof(DeviceKernels.Draw))!);

        Assert.Equal(DeviceText.Body, again);
    }
}
