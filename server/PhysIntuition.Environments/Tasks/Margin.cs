namespace PhysIntuition.Environments.Tasks;

/// <summary>How far from the edge is the centre of mass of what stands on this block?</summary>
/// <remarks>
/// <para>Sees: a tower of blocks, one of them with the letter A; at least one stands on it.</para>
/// <para>Acts: margin, whole hundredths of a metre: how far the common centre of mass of all blocks above A is from the
/// nearer edge of the contact on A; positive inside, negative beyond the edge.</para>
/// <para>Scores: 1 if right, falling linearly to 0 a quarter of A's width away; -1 if the answer cannot be
/// read.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: the contact and the margin, from -0.3 to 0.45 of the width of the block on A, are drawn first, and
/// what stands on A is moved to that margin. The prompt says how wide A is, so that there is a scale. Nothing is
/// simulated.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class Margin : ITask
{
    private const double ScaleShare = 0.25;            // of A's width; where the reward reaches 0
    private const double MostShift = 0.3;              // of neighbours, over the lowest block's width
    private const float Lowest = -0.3f, Highest = 0.45f;   // of the upper block's width; 0.5 is a straight tower
    private const double Exact = 1e-9;                 // m

    public TaskSpec Spec { get; } = new()
    {
        Name = "Margin",
        Version = 1,
        Summary = "How far inside its contact's edge is the centre of mass of what stands on block A?",
        Answer = [new("margin", -100, 100, "cm") { Input = AnswerInput.Number }],
        Reward = new(-1, 1),
        Anchors = new(0.11, 1),
        OptionsType = typeof(MarginOptions),
        Heuristic = "centre of mass over the contact",
    };

    public string Question(Episode episode) => string.Create(CultureInfo.InvariantCulture,
        $"The picture shows a tower of blocks of one material; the block with the letter A is "
        + $"{episode.State.Scale * 100:0.#} hundredths of a metre wide, and each block is as deep as it is wide. Take "
        + $"all blocks above A together: how many hundredths of a metre is their centre of mass inside the nearer "
        + $"edge, left or right, of the contact on A? If it is beyond that edge, the number is negative.");

    public BuildStep Arrange(SceneBuilder draft)
    {
        var (episode, options) = (draft.Episode, draft.OptionsAs<MarginOptions>());
        var plan = draft.Fixed(SeedUse.Plan);
        var count = plan.NextInt(options.Blocks.Min, options.Blocks.Max + 1);
        var marked = plan.NextInt(0, count - 1);
        var (share, side) = (plan.NextFloat(Lowest, Highest), plan.NextInt(0, 2) == 0 ? -1 : 1);

        var geometry = draft.Fresh(SeedUse.Geometry);
        var column = Towers.Rent(count);
        Towers.DrawBlocks(column, options, ref geometry);
        column.Stretch(MostShift * column.Widths[0]);
        var wanted = Math.Round(share * column.Widths[marked + 1] * 100) / 100;
        MoveTo(column, marked, side, wanted);
        if (Math.Abs(column.MarginAt(marked) - wanted) > Exact || !column.AreStacked())
        {
            return draft.Reject("the contact is too narrow for the margin");
        }

        Towers.Add(column, episode, Scenery.SetPhysics(draft));
        Scenery.Paint(draft);
        double width = options.BlockWidth.Max, height = count * width * options.BlockHeight.Max;
        Scenery.SetView(draft, halfWidth: width * (0.9 + (0.3 * count)), height, depth: width / 2);
        episode.Overlays.Add(Labels.On(episode.World.Bodies[marked], "A"));
        episode.State = new()
        {
            Subject = marked, Scale = (float)column.Widths[marked], Margin = float.NaN,
            Expert = new Answer(Math.Round(wanted * 100)),
        };

        return BuildStep.Accepted;
    }

    public Answer Guess(Episode episode) =>
        Laws.Rounded(
        Towers.Of(episode.World, episode.World.Bodies.Count).MarginAt(episode.State.Subject), Spec.Answer[0]);

    public Answer? Read(Picture picture, Episode hint)
    {
        if (LabelFinder.Find(picture, "A") is not [var label]
            || SeenScene.Column(picture, hint) is not { } seen)
        {
            return null;
        }

        // Blocks are seen in pixels, from the lowest up; the prompt tells the width of one of them.
        var boxes = SeenScene.ColumnOf(picture);
        var marked = boxes.FindIndex(box => box.Holds(label.X, label.Y));
        if (marked < 0 || marked == boxes.Count - 1)
        {
            return null;
        }

        var margin = Towers.Of(seen.World, boxes.Count).MarginAt(marked) / boxes[marked].Width;

        return Laws.Rounded(margin * hint.State.Scale, Spec.Answer[0]);
    }

    public Verdict Judge(StepContext turn)
    {
        var facts = turn.Episode.State;

        return DistanceRule.Judge(turn, facts.Expert[0] / 100, facts.Scale * ScaleShare);
    }

    /// <summary>An answer moves nothing.</summary>
    public void Consequence(StepContext turn)
    {
    }

    // The upper part, so that its centre of mass is inside the lower block's edge by a margin.
    private static void MoveTo(Column column, int marked, int side, double margin)
    {
        var edge = column.X[marked] + (side * column.Widths[marked] / 2);
        column.Shift(marked, edge - (side * margin) - column.CentreAbove(marked));
    }
}
