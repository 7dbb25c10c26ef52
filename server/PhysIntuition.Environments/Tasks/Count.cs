namespace PhysIntuition.Environments.Tasks;

/// <summary>How many blocks are there?</summary>
/// <remarks>
/// <para>Sees: blocks in short stacks side by side; of each block at least three quarters of the front are in
/// view.</para>
/// <para>Acts: count, a whole number.</para>
/// <para>Scores: 1 if right, 0.5 if it is one too many or too few, else 0; -1 if the answer cannot be read.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: the number is drawn first, so all are equally frequent; the view shows the room that the most blocks
/// need, however many there are. Nothing is simulated.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class Count : ITask
{
    private const double CostOfOne = 0.5;

    public TaskSpec Spec { get; } = new()
    {
        Name = "Count",
        Version = 1,
        Summary = "How many blocks are there?",
        Answer = [new("count", 0, 16, "1") { Input = AnswerInput.Number }],
        Reward = new(-1, 1),
        Anchors = new(0.12, 1),
        OptionsType = typeof(CountOptions),
        Heuristic = "number of bodies",
    };

    public string Question(Episode episode) =>
        "The picture shows blocks that stand on the ground or on each other. How many blocks are there?";

    public BuildStep Arrange(SceneBuilder draft)
    {
        var options = draft.OptionsAs<CountOptions>();
        var count = draft.Fixed(SeedUse.Plan).NextInt(options.Blocks.Min, options.Blocks.Max + 1);
        Heaps.Add(draft, options, count);
        draft.Episode.State = new() { Margin = float.NaN, Expert = new Answer(count) };

        return BuildStep.Accepted;
    }

    public Answer Guess(Episode episode) => new(episode.World.Bodies.Count);

    public Answer? Read(Picture picture, Episode hint) =>
        new Answer(Math.Min(BlockFinder.Find(picture, FaceForm.Cube).Count, Spec.Answer[0].Max));

    public Verdict Judge(StepContext turn)
    {
        if (!turn.Answer.IsLegal)
        {
            return new(-1, IsOver: true, "Unreadable.");
        }

        var wrong = Math.Abs(turn.Answer[0] - turn.Episode.State.Expert[0]);

        return new(Math.Max(0, 1 - (CostOfOne * wrong)), IsOver: true,
            wrong == 0 ? "Right." : wrong == 1 ? "Off by one." : "Wrong.");
    }

    /// <summary>An answer moves nothing.</summary>
    public void Consequence(StepContext turn)
    {
    }
}
