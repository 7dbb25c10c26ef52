using PhysIntuition.Gpu.Stages;

namespace PhysIntuition.Gpu.Tests;

/// <summary>A changed kernel is seen here, whoever changed it.</summary>
public sealed class TextTests
{
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
