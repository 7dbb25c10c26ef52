namespace PhysIntuition.Environments.Tasks;

/// <summary>Reviews candidates that are simulated in several ways, of which the question is about one.</summary>
/// <remarks>
/// Which way is asked about must not show in the ends alone, so checks treat all ways alike. The one exception saves a
/// fifth of the simulated time and tells next to nothing: of the falls, 2 in 100 hang on a millimetre, and where the
/// scene of one way alone is shown, only that one is refused for it.
/// </remarks>
internal static class FourEnds
{
    /// <summary>Why a candidate is given up whose end hangs on a millimetre.</summary>
    public const string Unsure = "a nudge of 1 mm changes the end";

    /// <summary>Why a candidate is given up of which two ends are hard to tell apart.</summary>
    public const string Alike = "two ends look alike";

    private const float Nudge = 0.001f;   // m

    /// <summary>Whether the simulated ends may be shown; then they become the episode's panels.</summary>
    /// <param name="draft">After its first round: one trial for each way.</param>
    /// <param name="regionX">Half width within which everything must end, m.</param>
    /// <param name="regionZ">Half depth, m.</param>
    /// <returns>Why not, or null.</returns>
    public static string? FaultOf(SceneBuilder draft, float regionX, float regionZ)
    {
        var (trials, panels) = (draft.Counterfactuals, draft.Episode.Panels);
        for (var i = 0; i < trials.Count; i++)
        {
            if (trials[i].Outcome.Ending is not (Ending.Settled or Ending.Fell))
            {
                return "a block does not come to rest";
            }

            if (!trials[i].World.Bodies.TrueForAll(body =>
                MathF.Abs(body.Position.X) < regionX && MathF.Abs(body.Position.Z) < regionZ))
            {
                return "a block leaves the picture";
            }

            panels.Add(Panels.Still(trials[i].World));
        }

        return Panels.AllDiffer(draft.Episode, panels) ? null : Alike;
    }

    /// <summary>Asks for nudged trials of every way in which a block fell; where none did, blocks slid on the ground,
    /// and an end moves hardly further than the nudge.</summary>
    /// <param name="draft">After <see cref="FaultOf"/>.</param>
    /// <param name="ways">The beginnings, in the order of the trials.</param>
    /// <param name="moving">The body that moves at the beginning of a way.</param>
    /// <param name="asked">The only way whose beginning is shown, and where it matters that it is a millimetre off;
    /// null: all are.</param>
    public static BuildStep AskForNudges(
        SceneBuilder draft, IReadOnlyList<World> ways, Func<int, int> moving, int? asked = null)
    {
        var (trials, nudged) = (draft.Counterfactuals, 0);
        var settles = new SettleOptions[trials.Count];
        for (var i = 0; i < trials.Count; i++)
        {
            settles[i] = trials[i].Settle;
            nudged |= trials[i].Outcome.FallenBodies != 0 && i == (asked ?? i) ? 1 << i : 0;
        }

        draft.Episode.OutcomeHash = SceneHash.OfOutcome(trials[draft.Episode.State.Choice]);
        draft.Memory = nudged;
        trials.Clear();
        for (var i = 0; i < settles.Length; i++)
        {
            if ((nudged >> i & 1) != 0)
            {
                var bodies = trials.Settle(ways[i], settles[i]).World.Bodies;
                var body = bodies[moving(i)];
                body.Position += new Vector3(Nudge, 0f, 0f);
                bodies[moving(i)] = body;
            }
        }

        return nudged != 0 ? BuildStep.Simulate : BuildStep.Accepted;
    }

    /// <summary>Whether every nudged trial ends much nearer to its own panel than to any other.</summary>
    public static bool AreRobust(SceneBuilder draft)
    {
        var (nudged, next) = ((int)draft.Memory, 0);
        var panels = draft.Episode.Panels;
        for (var own = 0; own < panels.Count; own++)
        {
            if ((nudged >> own & 1) == 0)
            {
                continue;
            }

            var end = draft.Counterfactuals[next++].World;
            var limit = 2 * Distance(end, panels[own]);
            for (var i = 0; i < panels.Count; i++)
            {
                if (i != own && Distance(end, panels[i]) < limit)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>How far apart the bodies of two worlds are, added up, m.</summary>
    public static double Distance(World one, World other)
    {
        var sum = 0.0;
        for (var i = 0; i < one.Bodies.Count; i++)
        {
            var way = one.Bodies[i].Position - other.Bodies[i].Position;
            sum += MathF.Sqrt((way.X * way.X) + (way.Y * way.Y) + (way.Z * way.Z));
        }

        return sum;
    }
}
