using System.Diagnostics;

namespace PhysIntuition.Simulation.Tests;

/// <summary>The golden hashes again, in processes whose processor has lost its vector instructions.</summary>
public sealed class ProcessorTests
{
    [Theory]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    [InlineData("DOTNET_EnableAVX")]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableFMA")]
    public async Task Goldens_WithoutThisInstructionSet_StayTheSame(string setting)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ProcessorTests).Assembly.Location);
        }

        start.ArgumentList.Add("-class");
        start.ArgumentList.Add(typeof(GoldenHashTests).FullName!);
        start.Environment[setting] = "0";

        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);

        Assert.True(process.ExitCode == 0, output);
        Assert.Contains($"Total: {GoldenHashTests.Goldens.Count + 2}", output, StringComparison.Ordinal);
    }
}
