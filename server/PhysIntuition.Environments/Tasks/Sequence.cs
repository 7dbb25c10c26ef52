namespace PhysIntuition.Environments.Tasks;

/// <summary>In which order were three pictures of a fall taken?</summary>
/// <remarks>
/// <para>Sees: three pictures A, B and C below each other: one tower at three moments while it falls.</para>
/// <para>Acts: ABC, ACB, BAC, BCA, CAB or CBA, the first moment first; as a number 0 to 5.</para>
/// <para>Scores: 1 if right, 0 if wrong, -1 if the answer cannot be read; <c>reward=signed</c> pays -1 for
/// wrong.</para>
/// <para>Ends: after one answer. What is shown then are the pictures in the right order.</para>
/// <para>Scenes: the order is drawn first, each of the six as likely as the others. A tower that cannot stand is let
/// go, and three of six moments from the first to the last are taken at which the blocks' common centre of mass has
/// sunk by at least 6 % of the tower's height each time: nothing lifts it, so a picture in which it is lower is later.
/// Every two pictures differ in at least 0.6 times as many pixels as a block covers.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class Sequence : IPictureTask
{
    private const int Shown = 3;
    private const float LeastMargin = 0.15f, MostMargin = 0.35f;   // by how much the tower cannot stand, over a width
    private const double LeastDrop = 0.06;   // of the tower's height, from picture to picture
    private const float Reach = 1.45f;       // of the tower's height: blocks fall so far to either side

    private static readonly string[] s_orders = ["ABC", "ACB", "BAC", "BCA", "CAB", "CBA"];

    // From moment to moment, over the root of the tower's height by gravity, in which blocks tip.
    private static readonly float[] s_pauses = [0.9f, 0.5f, 0.5f, 0.5f, 1.1f];

    // Every three of the moments, the earlier first.
    private static readonly (int First, int Second, int Third)[] s_triples =
    [
        .. from first in Enumerable.Range(0, s_pauses.Length + 1)
           from second in Enumerable.Range(first + 1, s_pauses.Length - first)
           from third in Enumerable.Range(second + 1, s_pauses.Length - second)
           select (first, second, third),
    ];

    public TaskSpec Spec { get; } = new()
    {
        Name = "Sequence",
        Version = 1,
        Summary = "In which order were three pictures of a fall taken?",
        Observations = ObservationSpec.PictureOnly,
        Answer = [AnswerAxis.Choice("order", s_orders)],
        Reward = new(-1, 1),
        Anchors = new(1 / 6.0, 1),
        OptionsType = typeof(SequenceOptions),
        Heuristic = "the common centre of mass sinks",
    };

    public string Question(Episode episode) =>
        "The pictures A, B and C show one tower of loose blocks at three moments while it falls; nothing but its own "
        + "weight moves it. In which order were they taken? Write the three letters, first moment first.";

    public BuildStep Arrange(SceneBuilder draft)
    {
        var (episode, options) = (draft.Episode, draft.OptionsAs<SequenceOptions>());
        var plan = draft.Fixed(SeedUse.Plan);
        var order = plan.NextInt(0, s_orders.Length);
        var count = plan.NextInt(options.Blocks.Min, options.Blocks.Max + 1);

        var geometry = draft.Fresh(SeedUse.Geometry);
        var column = Towers.Rent(count);
        Towers.DrawBlocks(column, options, ref geometry);
        if (!column.TryScaleTo(-geometry.NextFloat(LeastMargin, MostMargin)))
        {
            return draft.Reject("neighbours hardly touch");
        }

        Towers.Add(column, episode, Scenery.SetPhysics(draft));
        Scenery.Paint(draft);
        double width = options.BlockWidth.Max, height = count * width * options.BlockHeight.Max;
        Scenery.SetView(draft, RegionOf(options, count), height, width / 2, panel: Panels.VeryWide);
        episode.State = new()
        {
            Choice = order, Expert = new Answer(order), Margin = float.NaN, Scale = (float)column.Height,
        };

        episode.Panels.Add(Panels.Still(episode.World));

        return AskForNext(draft);
    }

    public BuildStep Review(SceneBuilder draft)
    {
        var (episode, options, trial) = (draft.Episode, draft.OptionsAs<SequenceOptions>(), draft.Counterfactuals[0]);
        var region = RegionOf(options, episode.World.Bodies.Count);
        if (!trial.World.Bodies.TrueForAll(body => MathF.Abs(body.Position.X) + body.HalfExtents.X < region))
        {
            return draft.Reject("a block leaves the picture");
        }

        episode.Panels.Add(Panels.Still(trial.World));
        if (draft.Round < s_pauses.Length)
        {
            return AskForNext(draft);
        }

        episode.OutcomeHash = SceneHash.OfOutcome(trial);

        return TryDeal(draft) ? BuildStep.Accepted : draft.Reject("no three moments are far enough apart");
    }

    public Answer Guess(Episode episode) =>
        OrderOf([.. episode.Panels.Select(Laws.CentreOfMassHeight)]);

    public Answer? Read(Picture picture, Episode hint)
    {
        var heights = new double[Shown];
        for (var i = 0; i < Shown; i++)
        {
            var boxes = BlockFinder.Find(Panels.Cut(picture, PlaceOf(i)), FaceForm.Any);
            heights[i] = -boxes.Sum(box => box.CentreY * box.Width * box.Height)
                / boxes.Sum(box => box.Width * box.Height);
            if (boxes.Count == 0)
            {
                return null;
            }
        }

        return OrderOf(heights);
    }

    public Verdict Judge(StepContext turn) => ChoiceRule.Judge(turn, ((SequenceOptions)turn.Episode.Options).Reward);

    public void Compose(Episode episode, World world, in FrameFormat format, IRenderer renderer, Span<byte> rgb)
    {
        var (order, rows) = (ReferenceEquals(world, episode.World) ? s_orders[0] : s_orders[episode.State.Choice],
            new Panel[Shown]);
        for (var i = 0; i < Shown; i++)
        {
            var panel = order[i] - 'A';
            rows[i] = new(episode.Panels[panel], Panels.Letters[panel], PlaceOf(i));
        }

        Panels.Compose(episode, rows, format, renderer, rgb);
    }

    /// <summary>Where a row of the picture is.</summary>
    internal static (double X, double Y, double Width, double Height) PlaceOf(int row) =>
        (0, row / (double)Shown, 1, 1.0 / Shown);

    // Half width within which the blocks fall, m: flat ones lie beside each other.
    private static float RegionOf(SequenceOptions options, int count) =>
        Reach * count * options.BlockWidth.Max * MathF.Max(1f, options.BlockHeight.Max);

    // Each moment goes on from the one before.
    private static BuildStep AskForNext(SceneBuilder draft)
    {
        var (episode, unit) = (draft.Episode, MathF.Sqrt(draft.Episode.State.Scale / draft.Episode.World.Gravity));
        draft.Counterfactuals.Clear();
        draft.Counterfactuals.Settle(
            episode.Panels[^1], new SettleOptions { MaxTime = s_pauses[draft.Round] * unit });

        return BuildStep.Simulate;
    }

    // Three moments, drawn from those that may be shown, take the letters that the episode's order gives them.
    private static bool TryDeal(SceneBuilder draft)
    {
        var (episode, moments) = (draft.Episode, draft.Episode.Panels.ToArray());
        var (heights, least) = (Array.ConvertAll(moments, Laws.CentreOfMassHeight), LeastDrop * episode.State.Scale);
        var triples = s_triples.Where(of => heights[of.First] - heights[of.Second] >= least
            && heights[of.Second] - heights[of.Third] >= least).ToArray();
        draft.Fixed(SeedUse.Pictures).Shuffle(triples.AsSpan());
        foreach (var (first, second, third) in triples)
        {
            World[] shown = [moments[first], moments[second], moments[third]];
            if (Panels.AllDiffer(episode, shown, Panels.VeryWide))
            {
                var letters = s_orders[episode.State.Choice];
                episode.Panels.Clear();
                episode.Panels.AddRange(Enumerable.Range(0, Shown)
                    .Select(panel => shown[letters.IndexOf((char)('A' + panel), StringComparison.Ordinal)]));

                return true;
            }
        }

        return false;
    }

    // The highest first.
    private static Answer OrderOf(double[] heights)
    {
        int[] panels = [0, 1, 2];
        var word = string.Concat(panels.OrderByDescending(i => heights[i]).Select(i => Panels.Letters[i]));

        return new(Array.IndexOf(s_orders, word));
    }
}
