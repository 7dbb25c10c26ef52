using System.Globalization;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Checks;

/// <summary>
/// Looks for labels in what has nothing to do with the question: file size, mean colour, number of bodies, prompt.
/// </summary>
/// <remarks>
/// Ridge regression of the label on these features over one half of the episodes, then accuracy on the other half: it
/// must not be above chance by more than four standard deviations.
/// </remarks>
public static class LeakProbe
{
    private const int Features = 7;      // 1, PNG bytes, mean red, green, blue, bodies, prompt's length
    private const int Side = 64;         // pixels
    private const double Ridge = 1e-3;   // keeps constant features from dividing by zero

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
            labels[i] = batch.EpisodeFor(i).Facts.IsYes ? 1 : -1;
        }

        Standardise(rows);
        var (half, right) = (episodes / 2, 0);
        var weights = Fit(rows.AsSpan(0, half), labels);
        for (var i = half; i < episodes; i++)
        {
            right += Dot(weights, rows[i]) * labels[i] > 0 ? 1 : 0;
        }

        var (tested, accuracy) = (episodes - half, right / (double)(episodes - half));
        var limit = 0.5 + (2 / Math.Sqrt(tested));

        return [new("no label leaks into size, colour, count or prompt", accuracy <= limit, string.Create(
            CultureInfo.InvariantCulture, $"probe {accuracy:0.000} on {tested}, limit {limit:0.000}"))];
    }

    private static double[] Row(EnvironmentBatch batch, int slot)
    {
        var rgb = new byte[Side * Side * 3];
        batch.Render([slot], new FrameFormat(Side, Side), new FrameBuffers { Rgb = rgb });
        var means = new double[3];
        for (var i = 0; i < rgb.Length; i++)
        {
            means[i % 3] += rgb[i];
        }

        return
        [
            1, PngEncoder.Encode(rgb, Side, Side).Length, means[0], means[1], means[2],
            batch.EpisodeFor(slot).World.Bodies.Count, batch.Prompt(slot).Length,
        ];
    }

    private static void Standardise(double[][] rows)
    {
        for (var f = 1; f < Features; f++)
        {
            var mean = rows.Average(row => row[f]);
            var spread = Math.Sqrt(rows.Average(row => (row[f] - mean) * (row[f] - mean))) + 1e-9;
            foreach (var row in rows)
            {
                row[f] = (row[f] - mean) / spread;
            }
        }
    }

    // Normal equations, solved by Gaussian elimination; the ridge makes the matrix positive definite.
    private static double[] Fit(ReadOnlySpan<double[]> rows, double[] labels)
    {
        var a = new double[Features, Features + 1];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var r = 0; r < Features; r++)
            {
                for (var c = 0; c < Features; c++)
                {
                    a[r, c] += rows[i][r] * rows[i][c];
                }

                a[r, Features] += rows[i][r] * labels[i];
            }
        }

        for (var p = 0; p < Features; p++)
        {
            a[p, p] += Ridge * rows.Length;
            for (var r = 0; r < Features; r++)
            {
                var factor = r == p ? 0 : a[r, p] / a[p, p];
                for (var c = p; c <= Features && r != p; c++)
                {
                    a[r, c] -= factor * a[p, c];
                }
            }
        }

        return [.. Enumerable.Range(0, Features).Select(r => a[r, Features] / a[r, r])];
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
