namespace PhysIntuition.Environments.Tasks;

/// <summary>How far sideways must the hovering red block go to be centred over the tower?</summary>
/// <remarks>
/// <para>Sees: a tower and a red block that hovers at the height of its top, to the left or right of it.</para>
/// <para>Acts: x, whole hundredths of a metre: how far the red block moves to the right.</para>
/// <para>Scores: with d the horizontal distance in metres from the middle of the top block: 10 - d within half a
/// block's width, 5 - d beyond; -5 if the answer cannot be read. <c>reward=physical</c> lets the block drop and
/// pays as on top only if the taller tower stands at rest, else 5 - d.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: those of Offset-v1 with the red block lifted; the right move is a whole number of hundredths.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class OffsetX : ITask
{
    public TaskSpec Spec { get; } = new()
    {
        Name = "OffsetX",
        Version = 1,
        Summary = "How far sideways must the hovering red block go to be centred over the tower?",
        Answer = [new("x", -1000, 1000, "cm")],
        Reward = new(-15, 10),
        Anchors = new(0.4, 10),
        OptionsType = typeof(OffsetOptions),
        Heuristic = "difference of centres",
    };

    public string Question(Episode episode) => string.Create(CultureInfo.InvariantCulture,
        $"The picture shows a tower of blocks and a red block that hovers at the height of its top. The red block is "
        + $"{Math.Round(episode.State.Scale * 100.0):0} hundredths of a metre wide. By how many hundredths of a "
        + $"metre must "
        + $"it move to the right (x) to be centred over the tower's top block? A move to the left is negative.");

    public BuildStep Arrange(SceneBuilder draft)
    {
        var step = OffsetScenes.Arrange(draft, asksForHeight: false);
        if (step == BuildStep.Rejected)
        {
            return step;
        }

        var (episode, facts) = (draft.Episode, draft.Episode.State);
        var start = facts.Start with { Y = facts.Target.Y };
        OffsetRule.MoveTo(episode.World, facts.Subject, start);
        episode.State = facts with { Start = start, Expert = new Answer(facts.Expert[0]) };

        return step;
    }

    public BuildStep Review(SceneBuilder draft) => OffsetScenes.Review(draft);

    public void Act(StepContext turn)
    {
        if (turn.Answer.IsLegal && IsOver(turn, out _)
            && ((OffsetOptions)turn.Episode.Options).Reward == PlacementReward.Physical)
        {
            Drop(turn);
        }
    }

    public Answer Guess(Episode episode) => new(OffsetRule.Guess(episode)[0]);

    public Answer? Read(Picture picture, Episode hint) =>
        OffsetRule.Read(picture, hint) is { } move ? new(move[0]) : null;

    public Verdict Judge(StepContext turn)
    {
        if (!turn.Answer.IsLegal)
        {
            return new(-5, IsOver: true, "Unreadable.");
        }

        if (!IsOver(turn, out var d))
        {
            return new(5 - d, IsOver: true, OffsetRule.Words(Place.Beside), d);
        }

        var stands = turn.Counterfactuals.Count == 0 || OffsetRule.Stands(turn);

        return stands
            ? new(10 - d, IsOver: true, OffsetRule.Words(Place.OnTop), d)
            : new(5 - d, IsOver: true, "The taller tower does not stand.", d);
    }

    public void Consequence(StepContext turn)
    {
        if (turn.Answer.IsLegal)
        {
            Drop(turn);
        }
    }

    private static bool IsOver(StepContext turn, out double distance)
    {
        var facts = turn.Episode.State;
        distance = Math.Abs(facts.Start.X - (double)facts.Target.X + (turn.Answer[0] / 100));

        return distance < facts.Scale / 2;
    }

    private static void Drop(StepContext turn)
    {
        var (world, facts) = (turn.Episode.World, turn.Episode.State);
        var trial = turn.Counterfactuals.Settle(world, Settling.ToRestOf(world, Towers.LowestHeight(world)));
        var x = facts.Start.X + (turn.Answer[0] / 100);
        OffsetRule.MoveTo(trial.World, facts.Subject, facts.Start with { X = (float)x });
    }
}
