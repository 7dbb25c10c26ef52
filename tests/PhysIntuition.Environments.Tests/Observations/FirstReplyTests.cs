using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Options;

namespace PhysIntuition.Environments.Tests.Observations;

/// <summary>Nothing that a player is given before its answer tells the answer.</summary>
public sealed partial class FirstReplyTests
{
    private const int Episodes = 512;

    // Two halves of 256 that differ by chance alone differ by less in all but 1 of 100,000 pairs of distributions
    // (Kolmogorov and Smirnov: sqrt(ln(2e5) / 256) = 0.218). A number that tells the answer reaches 1.
    private const double MostDifference = 0.22;

    private static readonly int[] s_all = [.. Enumerable.Range(0, Episodes)];

    public static TheoryData<string> Tasks => Given.Tasks;

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_EveryNumberAndText_IsAtChanceForTheAnswer(string task)
    {
        var batch = Given.Batch(task, Episodes, Split.Train);
        batch.Reset(0);
        var isChoice = batch.Task.Spec.Answer is [{ Choices: not null }];

        foreach (var (axis, answers) in Answers(batch))
        {
            var upper = Upper(answers);
            foreach (var (name, values) in Numbers(batch).Where(
                number => isChoice || number.Name is not ("prompt" or "messages")))
            {
                Assert.True(Difference(values, upper) < MostDifference, $"'{name}' tells '{axis}'.");
            }

            // A question of numbers states sizes and speeds, on which its answer depends; it never states the answer.
            // A list's numbers are 0 where it has ended, which says nothing.
            var usual = answers.GroupBy(answer => answer).MaxBy(same => same.Count())!.Key;
            var stated = Numbers(batch).Where(_ => answers.Distinct().Count() > 20)
                .Select(number => s_all.Count(i => answers[i] != usual && number.Values[i] == answers[i]))
                .DefaultIfEmpty(0).Max();
            Assert.True(stated < Episodes / 10, $"{stated} of {Episodes} replies state '{axis}'.");
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Observations_ThatTellTheAnswer_ArePrivileged(string task)
    {
        var batch = Given.Batch(task, 1, Split.Train);
        string[] privileged = ["state", "expert", "margin"];

        Assert.All(ObservationSpec.Of(batch.Task.Spec), spec =>
            Assert.Equal(privileged.Contains(spec.Name), spec.IsPrivileged));
    }

    [Fact]
    public void Difference_NumberThatTellsTheAnswer_IsFound()
    {
        var batch = Given.Batch("Stability-v1", Episodes, Split.Train);
        batch.Reset(0);
        var upper = Upper(Answers(batch).Single().Values);

        Assert.True(Difference([.. batch.Results.Margins.Select(margin => (double)margin)], upper) > 0.99);
    }

    // Each axis of the answer, one number for each episode.
    private static IEnumerable<(string Axis, double[] Values)> Answers(EnvironmentBatch batch)
    {
        Answer[] experts = [.. s_all.Select(slot => batch.View.ExpertNumbers(slot))];
        return batch.Task.Spec.Answer.Select((axis, k) => (axis.Name, experts.Select(answer => answer[k]).ToArray()))
            .Where(axis => axis.Item2.Distinct().Count() > 1);
    }

    // Every number in every observation that a player may ask for, pictures aside, and of texts also their lengths.
    private static IEnumerable<(string Name, double[] Values)> Numbers(EnvironmentBatch batch)
    {
        foreach (var spec in ObservationSpec.Of(batch.Task.Spec).Where(spec => !spec.IsPrivileged && !spec.IsPicture))
        {
            if (!spec.IsText)
            {
                yield return (spec.Name, Read(batch, spec));
                continue;
            }

            string[] texts = [.. s_all.Select(slot => Picture().Replace(ObservationReader.ReadText(
                batch, spec.Kind, slot, ObservationTime.Now), ""))];
            yield return (spec.Name, [.. texts.Select(text => (double)text.Length)]);
            yield return (spec.Name, [.. texts.Select(text => (double)SceneSeed.HashOf(Number().Replace(text, "#")))]);
            double[][] numbers = [.. texts.Select(text => Number().Matches(text)
                .Select(match => double.Parse(match.Value, CultureInfo.InvariantCulture)).ToArray())];
            for (var k = 0; k < numbers.Max(row => row.Length); k++)
            {
                yield return (spec.Name, [.. numbers.Select(row => k < row.Length ? row[k] : -1)]);
            }
        }
    }

    private static double[] Read(EnvironmentBatch batch, ObservationSpec spec)
    {
        var column = new ObservationLayout([spec], 16, 16, samples: 1).Columns[0];
        var bytes = new byte[Episodes * column.BytesPerRow];
        ObservationReader.Read(batch, spec.Kind, s_all, ObservationTime.Now, outcome: null, bytes);
        return spec.Type switch
        {
            "uint64" => [.. MemoryMarshal.Cast<byte, ulong>(bytes).ToArray().Select(number => (double)number)],
            "int32" => [.. MemoryMarshal.Cast<byte, int>(bytes).ToArray().Select(number => (double)number)],
            _ => [.. MemoryMarshal.Cast<byte, float>(bytes).ToArray().Select(number => (double)number)],
        };
    }

    // Which answers are above the middle one.
    private static bool[] Upper(double[] answers)
    {
        var middle = answers.Order().ElementAt(Episodes / 2);
        var hasBelow = answers.Any(answer => answer < middle);
        return [.. answers.Select(answer => hasBelow ? answer >= middle : answer > middle)];
    }

    // The largest gap between the two distributions of a number: 0 where it tells nothing, 1 where it tells all.
    private static double Difference(double[] values, bool[] isUpper)
    {
        double upper = isUpper.Count(own => own), lower = isUpper.Length - upper, gap = 0, largest = 0;
        foreach (var group in s_all.GroupBy(i => values[i]).OrderBy(group => group.Key))
        {
            gap += group.Sum(i => isUpper[i] ? 1 / upper : -1 / lower);
            largest = Math.Max(largest, Math.Abs(gap));
        }

        return largest;
    }

    [GeneratedRegex("base64,[^\"]*")]
    private static partial Regex Picture();

    [GeneratedRegex(@"-?\d+(\.\d+)?")]
    private static partial Regex Number();
}
