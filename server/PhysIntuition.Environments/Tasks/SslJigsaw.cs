namespace PhysIntuition.Environments.Tasks;

/// <summary>Where did the four tiles of the picture come from?</summary>
/// <remarks>
/// <para>Sees: a picture of a tower, or one of the user's own, cut into 2 x 2 tiles that changed places.</para>
/// <para>Acts: four numbers, for the tiles now at top left, top right, bottom left, bottom right: where each came
/// from, 1 to 4 in the same order.</para>
/// <para>Scores: 1 if all four are right, else 0.</para>
/// <para>Ends: after one answer.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class SslJigsaw : IPictureTask
{
    public TaskSpec Spec { get; } = SslScenes.Spec("SslJigsaw", "Where did the four tiles of the picture come from?",
        [.. new[] { "a", "b", "c", "d" }.Select(name => new AnswerAxis(name, 1, 4, "1") { Input = AnswerInput.Tile })],
        1.0 / 256,
        "the order with the smoothest seams");

    public string Question(Episode episode) =>
        "The picture was cut into four tiles, 1 top left, 2 top right, 3 bottom left, 4 bottom right, and the "
        + "tiles were shuffled. For the tiles that are now at top left (a), top right (b), bottom left (c) and "
        + "bottom right (d): where did each come from?";

    public BuildStep Arrange(SceneBuilder draft)
    {
        Span<int> order = [0, 1, 2, 3];
        draft.Fixed(SeedUse.Pictures).Shuffle(order);
        var code = (order[0] * 64) + (order[1] * 16) + (order[2] * 4) + order[3];

        return SslScenes.Arrange(draft, code, AnswerOf(order));
    }

    public Verdict Judge(StepContext turn) => SslScenes.Judge(turn);

    public void Compose(Episode episode, World world, in FrameFormat format, IRenderer renderer, Span<byte> rgb)
    {
        var (w, h, code) = (format.Width / 2, format.Height / 2, episode.State.Choice);
        var original = SslScenes.Original(episode, Spec.Name, isOther: false, 2 * w, 2 * h, renderer);
        var shuffled = new Picture(2 * w, 2 * h);
        for (var place = 0; place < 4; place++)
        {
            var origin = (code >> (6 - (2 * place))) & 3;
            shuffled.Paste(original, (origin % 2 * w, origin / 2 * h, w, h), (place % 2 * w, place / 2 * h, w, h));
        }

        SslScenes.CopyTo(shuffled, format, rgb);
    }

    public Answer? Read(Picture picture, Episode hint)
    {
        Span<int> order = stackalloc int[4];
        Span<int> best = [0, 1, 2, 3];
        var least = long.MaxValue;
        for (var code = 0; code < 256; code++)
        {
            // placeOf[o]: where the tile of origin o lies now.
            (order[0], order[1], order[2], order[3]) = (code >> 6, (code >> 4) & 3, (code >> 2) & 3, code & 3);
            if (((1 << order[0]) | (1 << order[1]) | (1 << order[2]) | (1 << order[3])) != 15)
            {
                continue;
            }

            var cost = Seam(picture, order[0], order[1], isVertical: true) + Seam(picture, order[2], order[3],
                isVertical: true)
                + Seam(picture, order[0], order[2], isVertical: false) + Seam(picture, order[1], order[3],
                    isVertical: false);
            if (cost < least)
            {
                least = cost;
                order.CopyTo(best);
            }
        }

        Span<int> originOf = stackalloc int[4];
        for (var origin = 0; origin < 4; origin++)
        {
            originOf[best[origin]] = origin;
        }

        return AnswerOf(originOf);
    }

    private static Answer AnswerOf(ReadOnlySpan<int> order) =>
        new(order[0] + 1, order[1] + 1, order[2] + 1, order[3] + 1, count: 4);

    // How much two tiles differ along the edge where the first would touch the second.
    private static long Seam(Picture picture, int first, int second, bool isVertical)
    {
        var (w, h, sum) = (picture.Width / 2, picture.Height / 2, 0L);
        for (var i = 0; i < (isVertical ? h : w); i++)
        {
            var (x1, y1) = isVertical ? (w - 1, i) : (i, h - 1);
            var (x2, y2) = isVertical ? (0, i) : (i, 0);
            var a = ((((first / 2 * h) + y1) * picture.Width) + (first % 2 * w) + x1) * 3;
            var b = ((((second / 2 * h) + y2) * picture.Width) + (second % 2 * w) + x2) * 3;
            for (var c = 0; c < 3; c++)
            {
                sum += Math.Abs(picture.Rgb[a + c] - picture.Rgb[b + c]);
            }
        }

        return sum;
    }
}
