namespace PhysIntuition.Environments.Tasks;

/// <summary>Pyramids whose outcome is asked for: as they stand, or once their red block is gone.</summary>
internal static class PyramidScenes
{
    private const int Nudges = 2;

    /// <summary>Arranges one, and asks whether it falls.</summary>
    /// <param name="draft">The scene.</param>
    /// <param name="spread">How far rows are shifted, so that both classes come about as often.</param>
    /// <param name="pairSpread">For pairs, most of which must stand before their upper rows are shifted.</param>
    /// <param name="hasRed">Whether a red block, not of the top row, is taken away.</param>
    public static BuildStep Arrange(SceneBuilder draft, float spread, float pairSpread, bool hasRed)
    {
        var options = draft.OptionsAs<PyramidOptions>();
        var random = draft.Fixed(SeedUse.Plan);
        var isFalling = (random.NextBits() & 1) != 0;
        var plan = Pyramids.Draw(options, ref random);
        var red = hasRed ? random.NextInt(0, plan.Count - plan.CountOf(plan.Rows - 1)) : -1;
        var geometry = draft.Fresh(SeedUse.Geometry);
        if (!Pyramids.TryAdd(draft, plan, options.Pairs ? pairSpread : spread, ref geometry)
            || (options.Pairs && !Pyramids.TryShift(draft.Episode.World, draft.Judged, plan, ref geometry)))
        {
            return draft.Reject("a block hangs in the air");
        }

        if (options.Pairs)
        {
            return ArrangePair(draft, plan, red, Robustness.IsYesOf(isFalling, draft.Episode.Seed));
        }

        var surelyStands = LoadPaths.SurelyStands(draft.Episode.World, red);
        if (surelyStands && isFalling)
        {
            return draft.Reject(Robustness.OtherClass);
        }

        Show(draft, plan, red, isFalling);
        draft.Memory = surelyStands ? 0 : Nudges;
        draft.Judged.CopyFrom(Without(draft.Episode.World, red));
        draft.Counterfactuals.Settle(draft.Judged, Settling.ToFirstFall(draft.Judged, plan.Height));

        return BuildStep.Simulate;
    }

    private static BuildStep ArrangePair(SceneBuilder draft, in Pyramids.Plan plan, int red, bool isFalling)
    {
        var (standing, falling) = (draft.Episode.World, draft.Judged);
        if (LoadPaths.SurelyStands(falling, red))
        {
            return draft.Reject(Robustness.OtherClass);
        }

        Show(draft, plan, red, isFalling);
        var settle = Settling.ToFirstFall(standing, plan.Height);
        Robustness.AskForPair(draft, Without(standing, red), Without(falling, red), settle, Nudges);
        if (red >= 0)
        {
            draft.Counterfactuals.Settle(standing, settle);   // with the red block: both must stand
            draft.Counterfactuals.Settle(falling, settle);
        }

        if (isFalling)
        {
            standing.CopyFrom(falling);
        }

        return BuildStep.Simulate;
    }

    private static void Show(SceneBuilder draft, in Pyramids.Plan plan, int red, bool isFalling)
    {
        Pyramids.Show(draft, plan, red);
        draft.Episode.State = new()
        {
            IsYes = isFalling, Expert = Answer.OfYes(isFalling), Subject = Math.Max(0, red), Scale = plan.Width,
            Margin = float.NaN,
        };
    }

    private static World Without(World world, int red)
    {
        if (red < 0)
        {
            return world;
        }

        var copy = new World();
        copy.CopyFrom(world);
        Scenery.TakeAway(copy, red);

        return copy;
    }
}
