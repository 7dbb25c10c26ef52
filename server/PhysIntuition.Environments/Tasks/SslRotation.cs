namespace PhysIntuition.Environments.Tasks;

/// <summary>By how many degrees has the picture been turned?</summary>
/// <remarks>
/// <para>Sees: a picture of a tower, or one of the user's own, turned clockwise by 0, 90, 180 or 270 degrees.</para>
/// <para>Acts: 0, 90, 180 or 270; as a number its index 0 to 3.</para>
/// <para>Scores: 1 if right, else 0.</para>
/// <para>Ends: after one answer.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class SslRotation : IPictureTask
{
    public TaskSpec Spec { get; } = SslScenes.Spec("SslRotation", "By how many degrees has the picture been turned?",
        [AnswerAxis.Choice("degrees", "0", "90", "180", "270") with { Input = AnswerInput.Turn }], 0.25,
        "the bluest side is the sky");

    public string Question(Episode episode) =>
        "The picture was turned clockwise by 0, 90, 180 or 270 degrees. By how many?";

    public BuildStep Arrange(SceneBuilder draft)
    {
        var quarters = draft.Fixed(SeedUse.Pictures).NextInt(0, 4);

        return SslScenes.Arrange(draft, quarters, new Answer(quarters));
    }

    public Verdict Judge(StepContext turn) => SslScenes.Judge(turn);

    public void Compose(Episode episode, World world, in FrameFormat format, IRenderer renderer, Span<byte> rgb)
    {
        var side = Math.Min(format.Width, format.Height);
        var original = SslScenes.Original(episode, Spec.Name, isOther: false, side, side, renderer);
        SslScenes.CopyTo(original.Turned(episode.State.Choice), format, rgb);
    }

    public Answer? Read(Picture picture, Episode hint)
    {
        // Sides clockwise from the top: a turn by q quarters moves the sky from the top to side q.
        var (best, most) = (0, double.NegativeInfinity);
        for (var q = 0; q < 4; q++)
        {
            var blueness = Blueness(picture, q);
            (best, most) = blueness > most ? (q, blueness) : (best, most);
        }

        return new(best);
    }

    private static double Blueness(Picture picture, int side)
    {
        var (w, h, sum, count) = (picture.Width, picture.Height, 0L, 0L);
        for (var y = 0; y < h; y++)
        {
            for (var x = 0; x < w; x++)
            {
                var isIn = side switch { 0 => y < h / 8, 1 => x >= w - (w / 8), 2 => y >= h - (h / 8), _ => x < w / 8 };
                if (isIn)
                {
                    var at = ((y * w) + x) * 3;
                    sum += picture.Rgb[at + 2] - picture.Rgb[at];
                    count++;
                }
            }
        }

        return (double)sum / count;
    }
}
