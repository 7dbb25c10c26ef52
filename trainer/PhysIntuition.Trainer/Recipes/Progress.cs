using System.Globalization;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>A line per step on the error stream: what changed, the rate, the time left.</summary>
internal sealed class Progress
{
    private static readonly string[] s_shown =
        ["loss", "reward", "readable", "kl", "entropy", "completions/mean_length", "eval/reward", "eval/as_expert"];

    private double _average;

    public void Print(long step, long steps, Dictionary<string, double> metrics)
    {
        // A moving average over about 20 steps; evaluation steps would make a single one jump.
        var seconds = metrics["time/step"];
        _average = _average == 0 ? seconds : _average + ((seconds - _average) / 20);
        var left = TimeSpan.FromSeconds(_average * (steps - step));
        var values = s_shown.Where(metrics.ContainsKey).Select(name =>
            string.Create(CultureInfo.InvariantCulture, $"{name} {metrics[name]:0.####}"));
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"step {step}/{steps}  {string.Join("  ", values)}  {seconds:0.00} s  left {left:hh\\:mm\\:ss}"));
    }
}
