using System.Globalization;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Checks;

/// <summary>
/// Looks for labels in what has nothing to do with the question: file size, mean colour, number of bodies, prompt.
/// </summary>
/// <remarks>
/// A <see cref="LinearProbe"/>'s accuracy must not be above chance by more than four standard deviations.
/// </remarks>
public static class LeakProbe
{
    private const int Side = 64;   // pixels

    /// <summary>Probes a yes/no task; other tasks give no finding.</summary>
    public static IReadOnlyList<Finding> Check(
        ITask task, SplitChoice choice, int episodes, ISimulator simulator, IRenderer renderer)
    {
        if (!TaskReport.IsYesNo(task.Spec))
        {
            return [];
        }

        var batch = new EnvironmentBatch(task, new BatchOptions
        {
            Slots = episodes, Split = choice.Split,
            Task = choice.Apply(Environments.Options.OptionsReader.DefaultsOf(task.Spec)),
        }, simulator, renderer);
        batch.Reset(0UL);
        var (rows, labels) = (new double[episodes][], new double[episodes]);
        for (var i = 0; i < episodes; i++)
        {
            rows[i] = Row(batch, i);
            labels[i] = batch.EpisodeFor(i).State.IsYes ? 1 : -1;
        }

        var (right, tested) = LinearProbe.Test(rows, labels);
        var accuracy = right / (double)tested;
        var limit = 0.5 + (2 / Math.Sqrt(tested));

        return [new("no label leaks into size, colour, count or prompt", accuracy <= limit, string.Create(
            CultureInfo.InvariantCulture, $"probe {accuracy:0.000} on {tested}, limit {limit:0.000}"))];
    }

    private static double[] Row(EnvironmentBatch batch, int slot)
    {
        var rgb = new byte[Side * Side * 3];
        batch.View.Render([slot], new FrameFormat(Side, Side), new FrameBuffers { Rgb = rgb });
        var means = new double[3];
        for (var i = 0; i < rgb.Length; i++)
        {
            means[i % 3] += rgb[i];
        }

        return
        [
            PngEncoder.Encode(rgb, Side, Side).Length, means[0], means[1], means[2],
            batch.EpisodeFor(slot).World.Bodies.Count, batch.View.Prompt(slot).Length,
        ];
    }
}
