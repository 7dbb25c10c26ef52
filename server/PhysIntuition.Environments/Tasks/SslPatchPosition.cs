namespace PhysIntuition.Environments.Tasks;

/// <summary>From which quarter of the picture was the patch cut?</summary>
/// <remarks>
/// <para>Sees: on the left a picture of a tower, or one of the user's own; on the right, enlarged, a patch of
/// it.</para>
/// <para>Acts: top-left, top-right, bottom-left or bottom-right; as a number its index 0 to 3.</para>
/// <para>Scores: 1 if right, else 0.</para>
/// <para>Ends: after one answer.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class SslPatchPosition : IPictureTask
{
    private const int Grid = 8;          // samples a side when patches are compared
    private const int PatchShare = 4;    // the patch is a quarter of the picture's side

    public TaskSpec Spec { get; } = SslScenes.Spec("SslPatchPosition",
        "From which quarter of the picture was the patch cut?",
        [AnswerAxis.Choice("quarter", "top-left", "top-right", "bottom-left", "bottom-right") with
        {
            Input = AnswerInput.Quarter,
        }], 0.25,
        "the place that looks most like the patch");

    public string Question(Episode episode) =>
        "On the left is a picture, on the right an enlarged patch of it. From which quarter of the picture was "
        + "the patch cut: top-left, top-right, bottom-left or bottom-right?";

    public BuildStep Arrange(SceneBuilder draft)
    {
        var quarter = draft.Fixed(SeedUse.Pictures).NextInt(0, 4);

        return SslScenes.Arrange(draft, quarter, new Answer(quarter));
    }

    public Verdict Judge(StepContext turn) => SslScenes.Judge(turn);

    public void Compose(Episode episode, World world, in FrameFormat format, IRenderer renderer, Span<byte> rgb)
    {
        var side = Math.Max(32, Math.Min(format.Width, format.Height));
        var original = SslScenes.Original(episode, Spec.Name, isOther: false, side, side, renderer);
        var random = SslScenes.Stream(episode, Spec.Name + "/patch");
        var (patch, room) = (side / PatchShare, (side / 2) - (side / PatchShare));
        var x = (episode.State.Choice % 2 * side / 2) + random.NextInt(0, room + 1);
        var y = (episode.State.Choice / 2 * side / 2) + random.NextInt(0, room + 1);

        var both = new Picture(2 * side, side);
        both.Paste(original, (0, 0, side, side), (0, 0, side, side));
        both.Paste(original, (x, y, patch, patch), (side + (side / 16), side / 16, side - (side / 8),
            side - (side / 8)));
        SslScenes.CopyTo(both, format, rgb);
    }

    public Answer? Read(Picture picture, Episode hint)
    {
        var (half, height) = (picture.Width / 2, picture.Height);
        var patch = new Picture(Grid, Grid);
        patch.Paste(picture, (half + (half / 16), height / 16, half - (half / 8), height - (height / 8)), (0, 0, Grid,
            Grid));
        var (best, least) = (0, long.MaxValue);
        var place = new Picture(Grid, Grid);
        for (var v = 0; v <= 12; v++)
        {
            for (var u = 0; u <= 12; u++)
            {
                var at = (u * half / 16, v * height / 16, half / PatchShare, height / PatchShare);
                place.Paste(picture, at, (0, 0, Grid, Grid));
                var cost = Difference(patch, place);
                (best, least) = cost < least ? ((v >= 6 ? 2 : 0) + (u >= 6 ? 1 : 0), cost) : (best, least);
            }
        }

        return new(best);
    }

    private static long Difference(Picture a, Picture b)
    {
        var sum = 0L;
        for (var i = 0; i < a.Rgb.Length; i++)
        {
            sum += (a.Rgb[i] - b.Rgb[i]) * (a.Rgb[i] - b.Rgb[i]);
        }

        return sum;
    }
}
