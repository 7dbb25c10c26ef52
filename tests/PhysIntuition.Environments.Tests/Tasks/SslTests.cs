using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Transformed pictures, undone by the right answer pixel by pixel.</summary>
public sealed class SslTests
{
    private const int Side = 64, Scenes = 24;

    public static TheoryData<string> Tasks =>
        ["SslRotation-v1", "SslJigsaw-v1", "SslPatchPosition-v1", "SslContrastive-v1"];

    [Fact]
    public void Compose_Rotation_IsTheOriginalTurnedByTheAnswer()
    {
        foreach (var (episode, picture) in Pictures("SslRotation-v1"))
        {
            var (original, turns) = (Original(episode, "SslRotation"), (int)episode.State.Expert[0]);
            for (var y = 0; y < Side; y++)
            {
                for (var x = 0; x < Side; x++)
                {
                    // One quarter clockwise brings what was at (x, y) to (side - 1 - y, x).
                    var (u, v) = (x, y);
                    for (var turn = 0; turn < turns; turn++)
                    {
                        (u, v) = (Side - 1 - v, u);
                    }

                    Assert.Equal(Pixel(original, x, y), Pixel(picture, u, v));
                }
            }
        }
    }

    [Fact]
    public void Compose_Jigsaw_IsTheOriginalWithItsTilesWhereTheAnswerPutsThem()
    {
        const int half = Side / 2;
        foreach (var (episode, picture) in Pictures("SslJigsaw-v1"))
        {
            var original = Original(episode, "SslJigsaw");
            for (var place = 0; place < 4; place++)
            {
                var origin = (int)episode.State.Expert[place] - 1;
                for (var y = 0; y < half; y++)
                {
                    for (var x = 0; x < half; x++)
                    {
                        Assert.Equal(
                            Pixel(original, (origin % 2 * half) + x, (origin / 2 * half) + y),
                            Pixel(picture, (place % 2 * half) + x, (place / 2 * half) + y));
                    }
                }
            }
        }
    }

    [Fact]
    public void Arrange_Jigsaw_AnswersAreAllOrdersOfFourTiles()
    {
        var batch = Given.Batch("SslJigsaw-v1", 400);
        batch.Reset(0);
        var orders = Enumerable.Range(0, 400).Select(slot => batch.View.Expert(slot)).Distinct().ToList();

        Assert.Equal(24, orders.Count);
        Assert.All(Enumerable.Range(0, 400), slot =>
        {
            var answer = batch.View.ExpertNumbers(slot);
            Assert.Equal([1.0, 2, 3, 4], new[] { answer[0], answer[1], answer[2], answer[3] }.Order());
        });
    }

    [Fact]
    public void Compose_Patch_IsMostLikeAPlaceInTheQuarterOfTheAnswer()
    {
        var right = 0;
        foreach (var (episode, picture) in Pictures("SslPatchPosition-v1", 2 * Side))
        {
            var (best, least) = ((0, 0), double.MaxValue);
            for (var y = 0; y + 16 <= Side; y += 2)
            {
                for (var x = 0; x + 16 <= Side; x += 2)
                {
                    var cost = Difference(picture, x, y);
                    (best, least) = cost < least ? ((x, y), cost) : (best, least);
                }
            }

            var quarter = (best.Item2 + 8 >= Side / 2 ? 2 : 0) + (best.Item1 + 8 >= Side / 2 ? 1 : 0);
            right += quarter == (int)episode.State.Expert[0] ? 1 : 0;
        }

        // Patches of nothing but sky or ground look like others: most are not.
        Assert.True(right > 0.7 * Scenes, $"{right} of {Scenes}");
    }

    [Fact]
    public void Compose_SameScene_HasItsColoursInBothHalves()
    {
        var (same, other) = (new List<double>(), new List<double>());
        foreach (var (episode, picture) in Pictures("SslContrastive-v1", 2 * Side))
        {
            var (left, right) = (Colours(picture, 0), Colours(picture, picture.Width / 2));
            (episode.State.IsYes ? same : other).Add(left.Zip(right, Math.Min).Sum());
        }

        Assert.True(same.Count > 5 && other.Count > 5);
        Assert.True(same.Average() > other.Average() + 0.2, $"{same.Average()} and {other.Average()}");
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Arrange_Answers_AreAlikeOften(string id)
    {
        var batch = Given.Batch(id, 400);
        batch.Reset(0);
        var counts = Enumerable.Range(0, 400).CountBy(slot => batch.View.Expert(slot)).ToList();

        // Four standard deviations of each count.
        var (share, slack) = (400.0 / counts.Count, 4 * Math.Sqrt(400.0 / counts.Count));
        Assert.All(counts, count => Assert.InRange(count.Value, share - slack, share + slack));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Judge_OneNumberWrong_PaysNothing(string id)
    {
        var batch = Given.Batch(id, Scenes);
        batch.Reset(0);
        var axes = batch.Task.Spec.Answer;
        batch.Step([.. Enumerable.Range(0, Scenes).Select(slot =>
        {
            var expert = batch.View.ExpertNumbers(slot);
            return SlotAction.OfNumbers([.. axes.Select((axis, k) => k == slot % axes.Count
                ? (expert[k] < axis.Max ? expert[k] + 1 : axis.Min) : expert[k])]);
        })]);

        Assert.All(batch.Results.Rewards, reward => Assert.Equal(0, reward));
        Assert.All(batch.Results.Verdicts, verdict => Assert.Equal("Wrong.", verdict));
        Assert.Equal((0.0, "Unreadable."), (SslScenes.Judge(Turn(Answer.Unreadable("?"))).Reward,
            SslScenes.Judge(Turn(default)).Reason));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Compose_AnySize_FillsThePicture(string id)
    {
        foreach (var (width, height) in ((int, int)[])[(16, 16), (33, 65), (97, 31), (224, 224)])
        {
            var batch = Given.Batch(id, 1);
            batch.Reset(2);
            var rgb = new byte[width * height * 3];
            batch.View.Render([0], new FrameFormat(width, height), new FrameBuffers { Rgb = rgb });

            Assert.True(rgb.Distinct().Count() > 10, $"{width} x {height}");
        }
    }

    private static StepContext Turn(in Answer answer)
    {
        var turn = new StepContext();
        turn.Begin(new Episode(), answer);

        return turn;
    }

    private static List<(Episode Episode, Picture Picture)> Pictures(string id, int width = Side)
    {
        var batch = Given.Batch(id, Scenes);
        batch.Reset(0);

        return [.. Enumerable.Range(0, Scenes).Select(slot =>
        {
            var picture = new Picture(width, Side);
            batch.View.Render([slot], new FrameFormat(width, Side), new FrameBuffers { Rgb = picture.Rgb });
            return (batch.View.Episode(slot), picture);
        })];
    }

    private static Picture Original(Episode episode, string name) =>
        SslScenes.Original(episode, name, isOther: false, Side, Side, Given.Renderer);

    private static (byte, byte, byte) Pixel(Picture picture, int x, int y)
    {
        var at = ((y * picture.Width) + x) * 3;
        return (picture.Rgb[at], picture.Rgb[at + 1], picture.Rgb[at + 2]);
    }

    // Squares of differences between a place on the left, 16 pixels a side, and the patch, 56, on the right.
    private static double Difference(Picture picture, int left, int top)
    {
        var sum = 0.0;
        for (var v = 0; v < 16; v++)
        {
            for (var u = 0; u < 16; u++)
            {
                var (a, b) = (Pixel(picture, left + u, top + v),
                    Pixel(picture, Side + 4 + (int)((u + 0.5) * 3.5), 4 + (int)((v + 0.5) * 3.5)));
                sum += Math.Pow(a.Item1 - b.Item1, 2) + Math.Pow(a.Item2 - b.Item2, 2) + Math.Pow(a.Item3 - b.Item3, 2);
            }
        }

        return sum;
    }

    // Shares of six hues among the colourful pixels of a half.
    private static double[] Colours(Picture picture, int left)
    {
        var bins = new double[6];
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = left; x < left + (picture.Width / 2); x++)
            {
                var (r, g, b) = Pixel(picture, x, y);
                var (most, least) = (Math.Max(r, Math.Max(g, b)), Math.Min(r, Math.Min(g, b)));
                if (most - least > 50)
                {
                    bins[(r == most ? (g > b ? 0 : 1) : g == most ? (b > r ? 2 : 3) : (r > g ? 4 : 5))]++;
                }
            }
        }

        var total = Math.Max(1, bins.Sum());

        return [.. bins.Select(bin => bin / total)];
    }
}
