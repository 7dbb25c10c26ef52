using System.Diagnostics;

namespace PhysIntuition.Benchmarks.Reports;

/// <summary>Times rivals in turn, so that a slow minute of the machine hits all of them alike.</summary>
internal static class Clock
{
    /// <summary>Process CPU seconds of one call: what other programs do meanwhile hardly counts.</summary>
    public static double CpuSeconds(Action action)
    {
        var before = Environment.CpuUsage.TotalTime;
        action();
        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    /// <summary>Wall-clock seconds of one call.</summary>
    public static double WallSeconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Runs every action once unmeasured, then in rounds; the result is [action][round], s.</summary>
    /// <param name="rounds">How often each is measured, at least 1.</param>
    /// <param name="measure">Usually <see cref="CpuSeconds"/>.</param>
    /// <param name="actions">What is compared.</param>
    public static double[][] Rounds(int rounds, Func<Action, double> measure, params Action[] actions)
    {
        var seconds = actions.Select(_ => new double[rounds]).ToArray();
        foreach (var action in actions)
        {
            action();
        }

        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < actions.Length; i++)
            {
                seconds[i][round] = measure(actions[i]);
            }
        }

        return seconds;
    }

    /// <summary>Round by round, how many times longer the first took than the second.</summary>
    public static double[] Ratios(double[] slower, double[] faster) =>
        [.. slower.Zip(faster, (a, b) => a / b)];
}
