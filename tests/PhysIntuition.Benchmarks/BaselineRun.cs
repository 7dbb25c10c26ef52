using System.Diagnostics;
using PhysIntuition.Benchmarks.Reports;

namespace PhysIntuition.Benchmarks;

/// <summary>Measures an area here and in another checkout, in turn.</summary>
/// <param name="here">Program and arguments of this build's bench.</param>
/// <param name="baseline">The same of the other checkout's.</param>
internal sealed class BaselineRun(IReadOnlyList<string> here, IReadOnlyList<string> baseline)
{
    /// <summary>A run of this very program beside a checkout's entry script.</summary>
    /// <param name="area">What is measured.</param>
    /// <param name="options">The area's own options.</param>
    /// <param name="folder">The checkout.</param>
    /// <exception cref="SkippedException">The folder is no checkout.</exception>
    public static BaselineRun Of(IArea area, IReadOnlyList<string> options, DirectoryInfo folder)
    {
        var entry = Path.Combine(folder.FullName, "physintuition");
        if (!File.Exists(entry))
        {
            throw new SkippedException($"--baseline is '{folder}', which has no program physintuition; " +
                "name the folder of a checkout.");
        }

        string[] own = ["dotnet", typeof(BaselineRun).Assembly.Location, area.Name, .. options];
        return new BaselineRun(own, area.CheckoutOption is { } checkout
            ? [.. own, checkout, folder.FullName]
            : [entry, "bench", area.Name, .. options]);
    }

    /// <summary>Runs both as often as told; who begins changes from turn to turn.</summary>
    /// <exception cref="SkippedException">One of them failed.</exception>
    public async Task<Comparison> RunAsync(int turns, CancellationToken cancellation)
    {
        var comparison = new Comparison();
        for (var turn = 0; turn < turns; turn++)
        {
            Console.Error.WriteLine($"Turn {turn + 1} of {turns} ...");
            var isBaselineFirst = turn % 2 == 0;
            var first = await MeasureAsync(isBaselineFirst ? baseline : here, cancellation);
            var second = await MeasureAsync(isBaselineFirst ? here : baseline, cancellation);
            comparison.Add(isBaselineFirst ? second : first, isBaselineFirst ? first : second);
        }

        return comparison;
    }

    private static async Task<IReadOnlyDictionary<string, object>> MeasureAsync(
        IReadOnlyList<string> command, CancellationToken cancellation)
    {
        var file = Path.Combine(Path.GetTempPath(), $"physintuition-bench-{Guid.NewGuid():N}.json");
        try
        {
            await RunAsync([.. command, "--json", file], cancellation);
            return Comparison.Read(await File.ReadAllBytesAsync(file, cancellation));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task RunAsync(IReadOnlyList<string> command, CancellationToken cancellation)
    {
        using var process = Process.Start(
            new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true })!;
        try
        {
            // The table of a single run is of no interest; its faults go to standard error as they are.
            await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        if (process.ExitCode != 0)
        {
            throw new SkippedException($"'{string.Join(' ', command)}' ended with {process.ExitCode}.");
        }
    }
}
