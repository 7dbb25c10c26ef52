namespace PhysIntuition.Environments.Tasks;

/// <summary>Will any block of this tower fall?</summary>
/// <remarks>
/// <para>Sees: a tower of blocks, each shifted sideways against the one below, from the front and a little
/// above.</para>
/// <para>Acts: yes or no; as a number 1 or 0.</para>
/// <para>Scores: 1 if right, 0 if wrong, -1 if the answer cannot be read; <c>reward=signed</c> pays -1 for
/// wrong.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: the class, the number of blocks and the margin are drawn first, so all are balanced; the tower is
/// built to that margin, and the simulated outcome, which is the label, must agree with it, with and without a nudge
/// of 1 mm. No tower is closer than 2 % of a block's width to the other outcome.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class Stability : ITask
{
    public TaskSpec Spec { get; } = new()
    {
        Name = "Stability",
        Version = 1,
        Summary = "Will any block of this tower fall?",
        Answer = AnswerAxis.YesNo,
        Reward = new(-1, 1),
        Anchors = new(0.5, 1),
        OptionsType = typeof(StabilityOptions),
        HasPairs = true,
        Heuristic = "centre of mass over every contact",
    };

    public string Question(Episode episode) =>
        "The picture shows a tower of blocks that are stacked and not glued. Will any block fall?";

    public BuildStep Arrange(SceneBuilder draft)
    {
        var (episode, options) = (draft.Episode, draft.OptionsAs<StabilityOptions>());
        var plan = draft.Fixed(SeedUse.Plan);
        var isFalling = (plan.NextBits() & 1) != 0;
        var count = plan.NextInt(options.Blocks.Min, options.Blocks.Max + 1);
        var size = Towers.DrawMargin(options.Difficulty, ref plan);

        var column = Towers.Rent(count);
        var geometry = draft.Fresh(SeedUse.Geometry);
        Towers.DrawBlocks(column, options, ref geometry);
        if (!column.TryScaleTo(isFalling && !options.Pairs ? -size : size))
        {
            return draft.Reject("neighbours hardly touch");
        }

        var density = Scenery.SetPhysics(draft);
        Towers.Add(column, episode, density);
        Scenery.Paint(draft);
        SetView(draft, options, count);
        if (options.Pairs)
        {
            return ArrangePair(draft, column, isFalling ^ ((episode.Seed & 1) != 0));
        }

        AskForOutcome(draft, column, out var margin);
        SetFacts(episode, isFalling, margin, column);

        return BuildStep.Simulate;
    }

    public BuildStep Review(SceneBuilder draft)
    {
        var (trials, isYes) = (draft.Counterfactuals, draft.Episode.State.IsYes);
        var isPair = draft.OptionsAs<StabilityOptions>().Pairs;
        var tipped = isPair ? trials.Count / 2 : 0;   // a pair's second half of trials is its falling member
        for (var i = 0; i < trials.Count; i++)
        {
            if (Settling.HasAnyFallen(trials[i].Outcome) != (isPair ? i >= tipped : isYes))
            {
                return draft.Reject(i == 0 || i == tipped
                    ? "simulation and margin disagree"
                    : "a nudge of 1 mm changes the outcome");
            }
        }

        draft.Episode.OutcomeHash = SceneHash.OfOutcome(trials[isPair && isYes ? tipped : 0]);

        return BuildStep.Accepted;
    }

    public Answer Guess(Episode episode) => Answer.OfYes(Laws.TowerMargin(episode.World,
        episode.World.Bodies.Count) < 0);

    public Answer? Read(Picture picture, Episode hint) =>
        SeenScene.Column(picture, hint) is { } seen ? Guess(seen) : null;

    public Verdict Judge(StepContext turn) => YesNo.Judge(turn, ((StabilityOptions)turn.Episode.Options).Reward,
        yes: "a block falls", no: "all blocks stay");

    // Both members are simulated whichever is asked for, so that both are accepted or neither.
    private static BuildStep ArrangePair(SceneBuilder draft, Column column, bool isFalling)
    {
        var world = draft.Episode.World;
        AskForOutcome(draft, column, out var margin);
        column.Margin(out var weakest, out var direction);
        var distance = 2 * margin * column.Widths[weakest + 1] * direction;
        column.Shift(weakest, distance);
        AskForOutcome(draft, column, out var tippedMargin);
        for (var i = draft.Counterfactuals.Count / 2; i < draft.Counterfactuals.Count; i++)
        {
            Towers.Shift(draft.Counterfactuals[i].World, weakest, column.Count, (float)distance);
        }

        if (isFalling)
        {
            Towers.Shift(world, weakest, column.Count, (float)distance);
        }

        SetFacts(draft.Episode, isFalling, isFalling ? tippedMargin : margin, column);

        return column.AreStacked() ? BuildStep.Simulate : draft.Reject("neighbours hardly touch");
    }

    private static void SetFacts(Episode episode, bool isFalling, double margin, Column column) => episode.State = new()
    {
        IsYes = isFalling,
        Expert = Answer.OfYes(isFalling),
        Margin = (float)margin,
        Scale = (float)column.Widths[0],
    };

    // The view depends on the number of blocks and the options alone, never on how the tower leans.
    private static void SetView(SceneBuilder draft, StabilityOptions options, int count)
    {
        double width = options.BlockWidth.Max, height = count * width * options.BlockHeight.Max;
        Scenery.SetView(draft, halfWidth: width * (0.9 + (0.3 * count)), height, depth: width / 2);
    }

    private static void AskForOutcome(SceneBuilder draft, Column column, out double margin)
    {
        var world = draft.Episode.World;
        var settle = Settling.ToFirstFall(world, Towers.LowestHeight(world));
        margin = column.Margin(out var weakest, out var direction);
        draft.Counterfactuals.Settle(world, settle);
        if (draft.OptionsAs<StabilityOptions>().Pairs || Math.Abs(margin) < Towers.SafeMargin)
        {
            const float nudge = 0.001f;   // m
            var towardsOther = margin > 0 ? direction * nudge : -direction * nudge;
            Towers.Shift(draft.Counterfactuals.Settle(world, settle).World, weakest, column.Count, towardsOther);
        }
    }
}

/// <summary>What <see cref="Stability"/> lets its user choose.</summary>
public sealed record StabilityOptions : TowerOptions, IPairOptions
{
    /// <summary>How answers are paid.</summary>
    public YesNoReward Reward { get; init; }

    /// <summary>
    /// Minimal pairs: seeds 2k and 2k + 1 give one tower twice, the second time with one small shift that
    /// changes the outcome; which of the two falls is random.
    /// </summary>
    public bool Pairs { get; init; }

    TaskOptions IPairOptions.WithPairs() => this with { Pairs = true };
}
