using PhysIntuition.Rendering.Encoding;

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

    /// <summary>Probes a task that asks for a choice, or for one of several numbered blocks first; other tasks give no
    /// finding.</summary>
    public static IReadOnlyList<Finding> Check(
        ITask task, SplitChoice choice, int episodes, ISimulator simulator, IRenderer renderer)
    {
        // A picture that was turned or cut as the answer says has another file size: that is the question itself.
        var words = task.Spec.Answer is [{ Choices: { } choices }] ? choices : null;
        if ((words is null && task.Spec.Answer is not [{ Name: "block", Input: AnswerInput.Number }, ..])
            || (task.Spec.OptionsType == typeof(SslOptions) && !TaskReport.IsYesNo(task.Spec)))
        {
            return [];
        }

        var batch = new EnvironmentBatch(task, new BatchOptions
        {
            Slots = episodes, Split = choice.Split,
            Task = choice.Apply(Environments.Options.OptionsReader.DefaultsOf(task.Spec)),
        }, simulator, renderer);
        batch.Reset(0UL);
        double[][] rows = [.. Enumerable.Range(0, episodes).Select(i => Row(batch, i))];
        var right = Enumerable.Range(0, episodes).Select(i => (int)task.Expert(batch.EpisodeFor(i))[0]).ToArray();

        if (words is null)   // The later half of the blocks that there are; the middle one of an odd number is neither.
        {
            int[] counts = [.. Enumerable.Range(0, episodes).Select(i => batch.EpisodeFor(i).World.Bodies.Count)];
            int[] sided = [.. Enumerable.Range(0, episodes).Where(i => 2 * right[i] != counts[i] + 1)];
            return [Probe([.. sided.Select(i => rows[i])], [.. sided.Select(i => 2 * right[i] > counts[i] ? 1 : 0)],
                static isLater => isLater == 1, ", by halves of the blocks")];
        }

        // Of several choices: the later half against the earlier one, and every second one against the others.
        return words.Count == 2 ? [Probe(rows, right, static choice => choice == 1, "")] : [
            Probe(rows, right, choice => 2 * choice >= words.Count, ", by halves"),
            Probe(rows, right, static choice => choice % 2 == 1, ", by turns")];
    }

    private static Finding Probe(double[][] rows, int[] right, Func<int, bool> isOne, string how)
    {
        var copies = Array.ConvertAll(rows, static row => (double[])row.Clone());
        var (hits, tested) = LinearProbe.Test(copies, [.. right.Select(choice => isOne(choice) ? 1.0 : -1)]);
        var (accuracy, limit) = (hits / (double)tested, 0.5 + (2 / Math.Sqrt(tested)));

        return new($"no label leaks into size, colour, count or prompt{how}", accuracy <= limit, string.Create(
            CultureInfo.InvariantCulture, $"probe {accuracy:0.000} on {tested}, limit {limit:0.000}"));
    }

    private static double[] Row(EnvironmentBatch batch, int slot)
    {
        var rgb = batch.View.Picture(slot, Side).Rgb;
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
