namespace PhysIntuition.Environments.Tasks;

/// <summary>Describe the tower block by block.</summary>
/// <remarks>
/// <para>Sees: a tower of up to six coloured blocks of different widths, each shifted against the one below.</para>
/// <para>Acts: a JSON list of the blocks from the lowest to the highest, each with color (a word), width and offset
/// (whole hundredths of a metre; how far its centre is to the right of the centre of the block below, 0 for the
/// lowest). As numbers: how many blocks, then color, width and offset of six; those beyond the number mean
/// nothing.</para>
/// <para>Scores: blocks of the answer are matched with blocks of the tower in their order so that the matches are worth
/// most together (the alignment of Needleman and Wunsch, 1970, with gaps for nothing); the reward is that worth over
/// the larger number of blocks. A match is worth the mean of three: 1 for the right colour; 1 for the right width,
/// falling linearly to 0 where it is wrong by half of it; 1 for the right offset, falling linearly to 0 where it is
/// wrong by a quarter of the width. -1 if the answer cannot be read; the reason says what is wrong and where.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: widths and offsets are whole hundredths. The prompt says how high the tower is, so that there is a
/// scale. Nothing is simulated.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class Describe : ITask
{
    private const int MaxBlocks = 6;
    private const int Fields = 3;                  // of a block: colour, width, offset
    private const double WidthReach = 0.5;         // of the width; where a wrong width is worth nothing,
    private const double OffsetReach = 0.25;       // and where a wrong offset is
    private const double MostShift = 0.3;          // of neighbours, over the narrower one's width

    public TaskSpec Spec { get; } = new()
    {
        Name = "Describe",
        Version = 1,
        Summary = "Describe the tower block by block: colour, width, offset.",
        Answer = AnswerAxis.List("blocks", MaxBlocks,
            AnswerAxis.Choice("color", [.. Paints.Names]), new("width", 1, 200, "cm"), new("offset", -200, 200, "cm")),
        Reward = new(-1, 1),
        Anchors = new(0.12, 1),
        OptionsType = typeof(DescribeOptions),
        Heuristic = "the exact widths and places",
    };

    public string Question(Episode episode) => string.Create(CultureInfo.InvariantCulture,
        $"The picture shows a tower of blocks that is {episode.State.Scale * 100:0} hundredths of a metre high. List "
        + $"its blocks from the lowest to the highest. For each give color, one of {string.Join(", ", Paints.Names)}; "
        + $"width, in whole hundredths of a metre; and offset: how many hundredths of a metre its centre is to the "
        + $"right of the centre of the block below it. Left is negative; the lowest block has offset 0.");

    public BuildStep Arrange(SceneBuilder draft)
    {
        var (episode, options) = (draft.Episode, draft.OptionsAs<DescribeOptions>());
        var count = draft.Fixed(SeedUse.Plan).NextInt(options.Blocks.Min, options.Blocks.Max + 1);
        var random = draft.Fresh(SeedUse.Geometry);
        var column = Towers.Rent(count);
        for (var k = 0; k < count; k++)
        {
            var width = Hundredths(Scenery.Draw(options.BlockWidth, ref random));
            column.Widths[k] = width;
            column.Heights[k] = width * Scenery.Draw(options.BlockHeight, ref random);
            var reach = k == 0 ? 0 : MostShift * Math.Min(width, column.Widths[k - 1]);
            column.X[k] = (k == 0 ? 0 : column.X[k - 1]) + Hundredths(((2.0 * random.NextFloat()) - 1) * reach);
        }

        Towers.Add(column, episode, Scenery.SetPhysics(draft));
        Scenery.Paint(draft);
        double widest = options.BlockWidth.Max, height = options.Blocks.Max * widest * options.BlockHeight.Max;
        Scenery.SetView(draft, halfWidth: widest * (0.7 + (0.15 * options.Blocks.Max)), height, depth: widest / 2);
        episode.State = new() { Scale = (float)column.Height, Margin = float.NaN };
        episode.State = episode.State with { Expert = Guess(episode) };

        return BuildStep.Accepted;
    }

    public Answer Guess(Episode episode)
    {
        var bodies = episode.World.Bodies;
        Span<double> numbers = stackalloc double[Spec.Answer.Count];
        Begin(numbers, bodies.Count);
        for (var k = 0; k < bodies.Count; k++)
        {
            var offset = k == 0 ? 0 : (double)bodies[k].Position.X - bodies[k - 1].Position.X;
            Put(numbers, k, Paints.NameOf(episode.Appearances[k].Color), 2.0 * bodies[k].HalfExtents.X, offset);
        }

        return Answer.Of(numbers);
    }

    public Answer? Read(Picture picture, Episode hint)
    {
        var boxes = SeenScene.ColumnOf(picture);
        if (boxes.Count is 0 or > MaxBlocks)
        {
            return null;
        }

        var scale = hint.State.Scale / boxes.Sum(static box => box.Height);
        Span<double> numbers = stackalloc double[Spec.Answer.Count];
        Begin(numbers, boxes.Count);
        for (var k = 0; k < boxes.Count; k++)
        {
            var offset = k == 0 ? 0 : boxes[k].CentreX - boxes[k - 1].CentreX;
            var at = ((((int)boxes[k].CentreY * picture.Width) + (int)boxes[k].CentreX) * 3);
            var name = Paints.NearestName(hint.Options.Palette, picture.Rgb.AsSpan(at, 3));
            Put(numbers, k, name, boxes[k].Width * scale, offset * scale);
        }

        return Answer.Of(numbers);
    }

    public Verdict Judge(StepContext turn)
    {
        if (!turn.Answer.IsLegal)
        {
            return new(-1, IsOver: true, "Unreadable.");
        }

        var worth = Worth(turn.Answer, turn.Episode.State.Expert);

        return new(worth, IsOver: true, worth switch
        {
            >= 0.999 => "Right.",
            >= 0.8 => "Nearly right.",
            >= 0.4 => "Partly right.",
            _ => "Wrong.",
        });
    }

    /// <summary>An answer moves nothing.</summary>
    public void Consequence(StepContext turn)
    {
    }

    /// <summary>The worth of the best matching in order over the larger number of blocks, in [0, 1].</summary>
    internal static double Worth(in Answer given, in Answer right)
    {
        int rows = (int)given[0], columns = (int)right[0];
        Span<double> best = stackalloc double[columns + 1];   // of the rows so far and the first columns
        for (var i = 0; i < rows; i++)
        {
            var diagonal = 0.0;
            for (var k = 0; k < columns; k++)
            {
                var matched = diagonal + WorthOf(given, i, right, k);
                diagonal = best[k + 1];
                best[k + 1] = Math.Max(matched, Math.Max(best[k], best[k + 1]));
            }
        }

        return best[columns] / Math.Max(rows, columns);
    }

    private static double WorthOf(in Answer given, int i, in Answer right, int k)
    {
        var (own, its) = (1 + (i * Fields), 1 + (k * Fields));
        var width = right[its + 1];
        var color = given[own] == right[its] ? 1 : 0;
        var wide = 1 - (Math.Abs(given[own + 1] - width) / (WidthReach * width));
        var aside = 1 - (Math.Abs(given[own + 2] - right[its + 2]) / (OffsetReach * width));

        return (color + Math.Max(0, wide) + Math.Max(0, aside)) / Fields;
    }

    private void Begin(Span<double> numbers, int count)
    {
        numbers[0] = count;
        for (var k = 1; k < numbers.Length; k++)
        {
            numbers[k] = Math.Clamp(0, Spec.Answer[k].Min, Spec.Answer[k].Max);
        }
    }

    private void Put(Span<double> numbers, int block, int name, double width, double offset)
    {
        var at = 1 + (block * Fields);
        numbers[at] = name;
        numbers[at + 1] = Laws.Rounded(width, Spec.Answer[at + 1])[0];
        numbers[at + 2] = Laws.Rounded(offset, Spec.Answer[at + 2])[0];
    }

    private static double Hundredths(double metres) => Math.Round(metres * 100) / 100;
}
