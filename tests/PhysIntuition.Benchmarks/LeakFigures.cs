using System.Globalization;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Checks;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;

namespace PhysIntuition.Benchmarks;

/// <summary>Whether anything but the blocks tells the outcome: a linear probe's share of right answers.</summary>
/// <remarks>Stability-v1, default options: one half of the episodes to fit, the other to test; chance is 0.5.</remarks>
internal static class LeakFigures
{
    private const int Episodes = 6000;
    private const int Side = 96;              // pixels
    private const int Patch = 12;             // pixels; ground and backdrop alone lie in the picture's corners
    private const double Deviations = 3;      // above chance; five probes, so that luck does not fail one

    /// <summary>Adds one figure per probe, with its 95 % interval as text beside it.</summary>
    public static void Measure(Figures figures)
    {
        using var simulator = new BatchSimulator();
        var batch = new EnvironmentBatch(
            TaskCatalog.Find("Stability-v1"), new BatchOptions { Slots = Episodes }, simulator, new CpuRenderer());
        batch.Reset(0UL);
        var format = new FrameFormat(Side, Side);
        var rgb = new byte[Episodes * format.BytesOf(Channels.Rgb)];
        batch.View.Render([.. Enumerable.Range(0, Episodes)], format, new FrameBuffers { Rgb = rgb });
        var labels = new double[Episodes];
        var rows = new double[Episodes][][];
        for (var i = 0; i < Episodes; i++)
        {
            var episode = batch.View.Episode(i);
            var frame = rgb.AsSpan(i * format.BytesOf(Channels.Rgb), format.BytesOf(Channels.Rgb));
            labels[i] = episode.State.IsYes ? 1 : -1;
            rows[i] = [OfCamera(episode), OfTextures(episode), OfCorners(frame), OfFile(frame)];
        }

        string[] names = ["camera_and_light", "texture_seeds", "corner_pixels", "file_size"];
        for (var kind = 0; kind < names.Length; kind++)
        {
            Add(figures, names[kind], [.. rows.Select(row => row[kind])], labels);
        }

        Add(figures, "all_together", [.. rows.Select(row => row.SelectMany(numbers => numbers).ToArray())], labels);
    }

    private static void Add(Figures figures, string name, double[][] rows, double[] labels)
    {
        var (right, tested) = LinearProbe.Test(rows, labels);
        var limit = 0.5 + (Deviations * 0.5 / Math.Sqrt(tested));
        var accuracy = right / (double)tested;
        figures.Add($"leak_{name}", accuracy, "right", Mark.AtMost(Math.Round(limit, 4)));
        var (low, high) = Wilson(accuracy, tested);
        figures.Add($"leak_{name}_interval", string.Create(
            CultureInfo.InvariantCulture, $"{low:0.000} to {high:0.000} (95 %, {tested} episodes)"));
    }

    // Edwin B. Wilson's score interval.
    private static (double Low, double High) Wilson(double share, int count)
    {
        const double z = 1.96;
        var (middle, scale) = (share + (z * z / (2 * count)), 1 + (z * z / count));
        var reach = z * Math.Sqrt((share * (1 - share) / count) + (z * z / (4.0 * count * count)));
        return ((middle - reach) / scale, (middle + reach) / scale);
    }

    private static double[] OfCamera(Episode episode)
    {
        var (camera, light) = (episode.Camera, episode.Light);
        return
        [
            camera.Eye.X, camera.Eye.Y, camera.Eye.Z, camera.Target.X, camera.Target.Y, camera.Target.Z,
            camera.FieldOfView, light.SunDirection.X, light.SunDirection.Y, light.SunDirection.Z, light.SunRadius,
            light.SunColor.X, light.SunColor.Y, light.SunColor.Z,
            light.SkyColor.X, light.SkyColor.Y, light.SkyColor.Z,
        ];
    }

    // High and low half of the first three seeds; towers have at least that many blocks or repeat the last.
    private static double[] OfTextures(Episode episode) => [.. Enumerable.Range(0, 3).SelectMany(i =>
    {
        var seed = episode.Appearances[Math.Min(i, episode.Appearances.Count - 1)].TextureSeed;
        return new double[] { seed >> 16, seed & 0xFFFF };
    })];

    // Mean and spread of each corner's pixels: noise of the ground and the backdrop.
    private static double[] OfCorners(ReadOnlySpan<byte> rgb)
    {
        var features = new List<double>();
        for (var corner = 0; corner < 4; corner++)
        {
            var (left, top) = (corner % 2 * (Side - Patch), corner / 2 * (Side - Patch));
            double sum = 0, squares = 0;
            for (var i = 0; i < Patch * Patch * 3; i++)
            {
                double value = rgb[((((top + (i / (Patch * 3))) * Side) + left) * 3) + (i % (Patch * 3))];
                sum += value;
                squares += value * value;
            }

            features.Add(sum);
            features.Add(squares - (sum * sum / (Patch * Patch * 3)));
        }

        return [.. features];
    }

    private static double[] OfFile(ReadOnlySpan<byte> rgb) => [PngEncoder.Encode(rgb, Side, Side).Length];
}
