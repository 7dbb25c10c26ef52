namespace PhysIntuition.Environments.Tasks;

/// <summary>How far to the right of one block and above it is another?</summary>
/// <remarks>
/// <para>Sees: blocks in short stacks side by side, one with the letter A and one with B.</para>
/// <para>Acts: (x, y), whole hundredths of a metre: how far the centre of A is to the right of the centre of B, and
/// how much higher; left and lower are negative.</para>
/// <para>Scores: 1 for the whole hundredths that are nearest, falling linearly to 0 at a distance of 0.5 m; -1 if the
/// answer cannot be read.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: which blocks have the letters is drawn apart from where they stand. The prompt says how wide B is, so
/// that there is a scale. Nothing is simulated.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class Locate : ITask
{
    private const double Scale = 0.5;   // m; where the reward reaches 0

    public TaskSpec Spec { get; } = new()
    {
        Name = "Locate",
        Version = 1,
        Summary = "How far to the right of block B, and how much higher, is block A?",
        Answer =
        [
            new("x", -1000, 1000, "cm") { Input = AnswerInput.Number },
            new("y", -500, 500, "cm") { Input = AnswerInput.Number },
        ],
        Reward = new(-1, 1),
        Anchors = new(0, 1),
        OptionsType = typeof(LocateOptions),
        Heuristic = "difference of the centres",
    };

    public string Question(Episode episode) => string.Create(CultureInfo.InvariantCulture,
        $"One block has the letter A, another the letter B; B is {episode.State.Scale * 100:0.#} hundredths of a metre "
        + $"wide. How many hundredths of a metre is the centre of A to the right (x) of the centre of B, and how many "
        + $"higher (y)? Left and lower are negative.");

    public BuildStep Arrange(SceneBuilder draft)
    {
        var (episode, options) = (draft.Episode, draft.OptionsAs<LocateOptions>());
        var count = draft.Fixed(SeedUse.Plan).NextInt(options.Blocks.Min, options.Blocks.Max + 1);
        Heaps.Add(draft, options, count);
        var random = draft.Fresh(SeedUse.Pictures);
        var a = random.NextInt(0, count);
        var b = (a + 1 + random.NextInt(0, count - 1)) % count;
        var bodies = episode.World.Bodies;
        episode.Overlays.Add(Labels.On(bodies[a], "A"));
        episode.Overlays.Add(Labels.On(bodies[b], "B"));
        var way = bodies[a].Position - bodies[b].Position;
        if (Math.Abs(way.X) > 10 || Math.Abs(way.Y) > 5)
        {
            return draft.Reject("the distance leaves the answer's range");
        }

        episode.State = new()
        {
            Subject = a, Choice = b, Scale = 2 * bodies[b].HalfExtents.X, Margin = float.NaN,
            Expert = InHundredths(way),
        };

        return BuildStep.Accepted;
    }

    public Answer Guess(Episode episode) => InHundredths(episode.World.Bodies[episode.State.Subject].Position
        - episode.World.Bodies[episode.State.Choice].Position);

    public Answer? Read(Picture picture, Episode hint)
    {
        if (LabelFinder.Find(picture, "AB") is not [var a, var b])
        {
            return null;
        }

        // Perspective is left out, and the letter stands in the middle of a front.
        var own = BlockFinder.Find(picture, FaceForm.Any).Where(box => box.Holds(b.X, b.Y)).Select(box => box.Width);
        var scale = hint.State.Scale / own.DefaultIfEmpty(picture.Width / 8.0).Max();

        return InHundredths(new((float)((a.X - b.X) * scale), (float)((b.Y - a.Y) * scale), 0f));
    }

    public Verdict Judge(StepContext turn)
    {
        var (answer, right) = (turn.Answer, turn.Episode.State.Expert);
        double x = answer[0] - right[0], y = answer[1] - right[1];

        return DistanceRule.Score(turn, Math.Sqrt((x * x) + (y * y)) / 100, Scale);
    }

    /// <summary>An answer moves nothing.</summary>
    public void Consequence(StepContext turn)
    {
    }

    private Answer InHundredths(Vector3 way) => Answer.OfPair(
        Laws.Rounded(way.X, Spec.Answer[0])[0], Laws.Rounded(way.Y, Spec.Answer[1])[0]);
}
