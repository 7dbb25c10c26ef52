namespace PhysIntuition.Environments.Tasks;

/// <summary>Do both halves show the same scene?</summary>
/// <remarks>
/// <para>Sees: two crops side by side, the right one mirrored or not and lighter or darker, of one picture of a tower
/// (or one of the user's own) or of two.</para>
/// <para>Acts: yes or no; as a number 1 or 0.</para>
/// <para>Scores: 1 if right, else 0.</para>
/// <para>Ends: after one answer.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class SslContrastive : IPictureTask
{
    private const double SameColors = 0.5;   // share of colour mass that two crops of one scene have in common

    public TaskSpec Spec { get; } = SslScenes.Spec("SslContrastive", "Do both halves show the same scene?",
        AnswerAxis.YesNo, 0.5, "overlap of the two halves' saturated colours");

    public string Question(Episode episode) =>
        "The two halves are crops of pictures; the right one may be mirrored, and lighter or darker. Do both show "
            + "the same scene?";

    public BuildStep Arrange(SceneBuilder draft)
    {
        var isSame = draft.Fixed(SeedUse.Pictures).NextInt(0, 2);

        return SslScenes.Arrange(draft, isSame, new Answer(isSame));
    }

    public Verdict Judge(StepContext turn) => SslScenes.Judge(turn);

    public void Compose(Episode episode, World world, in FrameFormat format, IRenderer renderer, Span<byte> rgb)
    {
        var (side, isSame) = (Math.Min(format.Width, format.Height), episode.State.Choice == 1);
        var random = SslScenes.Stream(episode, Spec.Name + "/crops");
        var left = SslScenes.Original(episode, Spec.Name, isOther: false, side, side, renderer);
        // Where the label is withheld both are drawn in any case: the time that a picture takes would tell it.
        var other = isSame && episode.Split != Split.Heldout ? left
            : SslScenes.Original(episode, Spec.Name, isOther: true, side, side, renderer);
        var right = isSame ? left : other;
        var both = new Picture(2 * side, side);
        Crop(left, both, 0, ref random);
        Crop(right, both, side, ref random);
        Alter(both, side, isMirrored: random.NextInt(0, 2) == 0, percent: random.NextInt(75, 126));
        SslScenes.CopyTo(both, format, rgb);
    }

    public Answer? Read(Picture picture, Episode hint)
    {
        Span<double> left = stackalloc double[12];
        Span<double> right = stackalloc double[12];
        Hues(picture, 0, left);
        Hues(picture, picture.Width / 2, right);
        var common = 0.0;
        for (var i = 0; i < left.Length; i++)
        {
            common += Math.Min(left[i], right[i]);
        }

        return Answer.OfYes(common > SameColors);
    }

    private static void Crop(Picture source, Picture target, int left, ref RandomStream random)
    {
        var side = source.Height;
        var cut = random.NextInt(side * 7 / 10, (side * 9 / 10) + 1);
        var (x, y) = (random.NextInt(0, side - cut + 1), random.NextInt(0, side - cut + 1));
        target.Paste(source, (x, y, cut, cut), (left, 0, side, side));
    }

    private static void Alter(Picture picture, int side, bool isMirrored, int percent)
    {
        var row = new byte[side * 3];
        for (var y = 0; y < picture.Height; y++)
        {
            var right = picture.Rgb.AsSpan(((y * picture.Width) + side) * 3, side * 3);
            right.CopyTo(row);
            for (var i = 0; i < right.Length; i++)
            {
                var from = isMirrored ? ((side - 1 - (i / 3)) * 3) + (i % 3) : i;
                right[i] = (byte)Math.Min(255, row[from] * percent / 100);
            }
        }
    }

    // Histogram of hues, weighted by saturation, adding up to 1.
    private static void Hues(Picture picture, int left, Span<double> bins)
    {
        var total = 1e-9;
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = left; x < left + (picture.Width / 2); x++)
            {
                var at = ((y * picture.Width) + x) * 3;
                var (hue, chroma) = HueOf(picture.Rgb[at], picture.Rgb[at + 1], picture.Rgb[at + 2]);
                if (chroma > 40)
                {
                    bins[(int)(hue * 2) % 12] += chroma;
                    total += chroma;
                }
            }
        }

        for (var i = 0; i < bins.Length; i++)
        {
            bins[i] /= total;
        }
    }

    // Hue in [0, 6): red 0, green 2, blue 4.
    private static (double Hue, int Chroma) HueOf(int r, int g, int b)
    {
        var (most, least) = (Math.Max(r, Math.Max(g, b)), Math.Min(r, Math.Min(g, b)));
        double chroma = Math.Max(1, most - least);
        var hue = most == r ? ((g - b) / chroma) + 6 : most == g ? ((b - r) / chroma) + 2 : ((r - g) / chroma) + 4;

        return (hue >= 6 ? hue - 6 : hue, most - least);
    }
}
