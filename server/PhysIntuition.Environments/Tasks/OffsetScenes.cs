namespace PhysIntuition.Environments.Tasks;

/// <summary>Scenes with a tower and a red block that stands beside it.</summary>
internal static class OffsetScenes
{
    /// <summary>The climb ends this far below a whole hundredth of a metre, so that rounding up is on top, m.</summary>
    private const double BelowHundredth = 0.003;

    public static string Question(Episode episode) => string.Create(CultureInfo.InvariantCulture,
        $"The picture shows a tower of blocks and a red block beside it. The red block is {WidthOf(episode):0} "
        + $"hundredths of a metre wide. By how many hundredths of a metre must it move to the right (x) and up (y) "
        + $"to stand centred on top of the tower? A move to the left is a negative x.");

    public static BuildStep Arrange(SceneBuilder draft, bool asksForHeight = true)
    {
        var options = draft.OptionsAs<TowerOptions>();
        var plan = draft.Fixed(SeedUse.Plan);
        var count = plan.NextInt(options.Blocks.Min, options.Blocks.Max + 1);
        var side = plan.NextInt(0, 2) == 0 ? -1.0 : 1.0;
        var margin = Towers.DrawMargin(options.Difficulty, ref plan);

        // The red block is the column's last: the tower must stand with it in place.
        var column = Towers.Rent(count + 1);
        var geometry = draft.Fresh(SeedUse.Geometry);
        Towers.DrawBlocks(column, options, ref geometry);
        CopyTopSize(column);
        if (!column.TryScaleTo(margin) || !StandsWithout(column))
        {
            return draft.Reject(column.AreStacked() ? "the tower needs the red block to stand"
                : "neighbours hardly touch");
        }

        if (asksForHeight && ClimbOf(column) * 100 > Offset.Axes[1].Max)
        {
            return draft.Reject("the tower is higher than an answer can say");
        }

        Place(draft, column, side, geometry.NextFloat());
        Ask(draft);

        return BuildStep.Simulate;
    }

    /// <summary>Asks whether the tower stands with the red block in its place.</summary>
    public static void Ask(SceneBuilder draft)
    {
        var settle = Settling.ToFirstFall(draft.Episode.World, Towers.LowestHeight(draft.Episode.World));
        var trial = draft.Counterfactuals.Settle(draft.Episode.World, settle);
        OffsetRule.MoveTo(trial.World, draft.Episode.State.Subject, draft.Episode.State.Target);
    }

    public static BuildStep Review(SceneBuilder draft)
    {
        if (Settling.HasAnyFallen(draft.Counterfactuals[0].Outcome))
        {
            return draft.Reject("the tower falls with the red block on top");
        }

        draft.Episode.OutcomeHash = SceneHash.OfOutcome(draft.Counterfactuals[0]);

        return BuildStep.Accepted;
    }

    private static double WidthOf(Episode episode) => Math.Round(episode.State.Scale * 100.0);

    private static void CopyTopSize(Column column)
    {
        var red = column.Count - 1;
        column.Widths[red] = column.Widths[red - 1];
        column.Heights[red] = column.Heights[red - 1];
        column.X[red] = column.X[red - 1];
        Trim(column);
    }

    // Trims the block below the red one so that the climb ends just below a whole hundredth.
    private static void Trim(Column column)
    {
        var climb = ClimbOf(column);
        var wanted = (Math.Floor(climb * 100) / 100) - BelowHundredth;
        column.Heights[column.Count - 2] += wanted - climb;
    }

    // From the ground to the top of all blocks but the red one, m.
    private static double ClimbOf(Column column) => column.Height - column.Heights[column.Count - 1];

    private static bool StandsWithout(Column column)
    {
        column.Count--;
        var stands = column.Count < 2 || column.Margin(out _, out _) >= Towers.LeastMargin;
        column.Count++;

        return stands;
    }

    private static void Place(SceneBuilder draft, Column column, double side, double spread)
    {
        var (episode, options) = (draft.Episode, draft.OptionsAs<TowerOptions>());
        var (red, width) = (column.Count - 1, column.Widths[column.Count - 1]);
        var climb = ClimbOf(column);
        var targetX = column.X[red];
        var gap = Clearance(column, side, red) + (width * (0.65 + (1.2 * spread)));
        var moveX = -Math.Round((gap * side - targetX) * 100) / 100;

        Towers.Add(column, episode, Scenery.SetPhysics(draft));
        var body = episode.World.Bodies[red];
        var target = body.Position;
        body.Position = new((float)(targetX - moveX), body.HalfExtents.Y, 0f);
        episode.World.Bodies[red] = body;
        episode.State = new()
        {
            Subject = red,
            Target = target,
            Start = body.Position,
            Scale = (float)width,
            Margin = (float)column.Margin(out _, out _),
            Expert = Answer.OfPair(Math.Round(moveX * 100), Math.Ceiling((climb * 100) - 1e-6)),
        };
        Scenery.Paint(draft, red);
        double most = options.BlockWidth.Max, height = column.Count * most * options.BlockHeight.Max;
        Scenery.SetView(draft, halfWidth: most * (2.6 + (0.2 * column.Count)), height, depth: most / 2);
    }

    // How far the tower reaches to one side where the red block could touch it.
    private static double Clearance(Column column, double side, int count)
    {
        var reach = 0.0;
        for (var k = 0; k < count; k++)
        {
            reach = Math.Max(reach, (column.X[k] * side) + (column.Widths[k] / 2));
        }

        return reach;
    }
}
