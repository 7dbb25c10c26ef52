namespace PhysIntuition.Leaderboard;

/// <summary>Ranks the methods of one board.</summary>
public static class StandingsTable
{
    /// <summary>Name of the row of everybody who played on the page.</summary>
    public const string People = "People";

    /// <summary>Scenes that must count before an agent or people stand among the others: the interval of fewer says
    /// too little.</summary>
    public const int LeastScenes = 100;

    /// <summary>Rows by what is known of them, the lower end of the interval; agents and people of too few scenes after
    /// all others. Equals stand in the order in which they were played.</summary>
    /// <remarks>Paired tests are against the best agent; where no agent has played, against the first row.</remarks>
    /// <param name="runs">Closed runs of one task, suite, options and season, the one closed first first.</param>
    /// <param name="anchors">What counts as 0 and 1.</param>
    public static IReadOnlyList<Standing> Rank(IReadOnlyList<ScoredRun> runs, Anchors anchors)
    {
        var methods = runs.Where(run => run.Run.Request.Kind != PlayerKind.Human && run.Rewards.Length > 0)
            .GroupBy(run => RowOf(run.Run))
            .Select(group => new Method([.. group], Counted([.. group])))
            .Concat(PeopleOf(runs))
            .OrderByDescending(method => HasEnough(method.Kind, method.Score.Count))
            .ThenByDescending(method => method.Score.Low)
            .ToArray();
        var reference = Array.Find(methods, method => method.Kind == PlayerKind.Agent) ?? methods.FirstOrDefault();
        var tests = Array.ConvertAll(methods, method => method == reference
            ? null
            : Compare(method.Counted, reference!.Counted));
        var adjusted = Holm.Adjust([.. tests.Where(test => test is not null).Select(test => test!.Value.PValue)]);
        var (tested, ranked) = (0, 0);
        return [.. methods.Select((method, i) => Row(
            method, method.IsRanked ? ++ranked : 0, anchors, tests[i], tests[i] is null ? 1 : adjusted[tested++]))];
    }

    /// <summary>What one row is about: a method; of nobody's name a single run.</summary>
    public static (string Method, PlayerKind Kind, string Owner, string Run) RowOf(Run run) =>
        run.Request.Kind == PlayerKind.Human ? (People, PlayerKind.Human, "", "")
            : (run.Request.Method, run.Request.Kind, run.Request.Owner, run.Request.IsVerified ? "" : run.Id);

    /// <summary>Whether a row of so many scenes stands among the others.</summary>
    public static bool HasEnough(PlayerKind kind, int count) =>
        count >= LeastScenes || kind is PlayerKind.Baseline or PlayerKind.Published;

    /// <summary>First minus second on the scenes that both have; null if they have none in common.</summary>
    public static PairedTest? Compare(ScoredRun first, ScoredRun second)
    {
        var others = second.Common.ToDictionary(result => (result.Scene, result.SceneHash), result => result.Reward);
        var pairs = first.Common
            .Where(result => others.ContainsKey((result.Scene, result.SceneHash)))
            .Select(result => (result.Reward, Other: others[(result.Scene, result.SceneHash)]))
            .ToArray();
        return pairs.Length == 0
            ? null
            : PairedTest.Of([.. pairs.Select(pair => pair.Reward)], [.. pairs.Select(pair => pair.Other)]);
    }

    // The attempt that an agent closed first: one that it opened earlier and closes later, having seen a score, cannot
    // take its place. Of a scripted player, which cannot choose among its runs, the longest.
    private static ScoredRun Counted(ScoredRun[] attempts) => attempts[0].Run.Request.Kind == PlayerKind.Baseline
        ? attempts.MaxBy(attempt => attempt.Rewards.Length)!
        : attempts[0];

    // Everybody together: the scenes that were answered, as people may stop where they like. No two of them need
    // have met the same scenes, so there is no paired test.
    private static IEnumerable<Method> PeopleOf(IEnumerable<ScoredRun> runs)
    {
        var people = runs.Where(run => run.Run.Request.Kind == PlayerKind.Human)
            .Select(run => run with { Results = [.. run.Results.Where(result => result.Steps > 0)] })
            .Where(run => run.Results.Count > 0)
            .ToArray();
        if (people.Length == 0)
        {
            return [];
        }

        var first = people[0].Run;
        var all = new Run
        {
            Id = "",
            TokenHash = "",
            Season = first.Season,
            Request = first.Request with { Method = People, Settings = "", Command = "", Owner = "" },
            State = RunState.Closed,
            SharesScenes = false,
            OpenedAt = first.OpenedAt,
            Deadline = first.Deadline,
            ClosedAt = people.Max(run => run.Run.ClosedAt),
            Provenance = first.Provenance,
        };
        // Scenes of different people are different scenes, so they are numbered anew.
        var answered = people.SelectMany(run => run.Results.Select(result => (
            Result: result, Last: run.Last.FirstOrDefault(answer => answer.Scene == result.Scene)))).ToArray();
        return [new Method(people, new ScoredRun(
            all, [.. answered.Select((one, i) => one.Result with { Scene = i })], [])
        {
            Last = [.. answered.Select((one, i) => one.Last with { Scene = i })],
        })];
    }

    private static Standing Row(Method method, int rank, Anchors anchors, PairedTest? test, double adjustedP)
    {
        var counted = method.Counted;
        return new Standing(
            counted.Run,
            rank,
            method.Score,
            anchors.Normalise(method.Score.Mean),
            [.. method.Attempts.Select(run => Interval.MeanOf(run.Rewards))],
            [.. counted.Results.GroupBy(result => result.Steps).OrderBy(group => group.Key).Select(group =>
                new AnswersTaken(group.Key, group.Count(), group.Average(result => result.Reward)))],
            CalibrationOf(counted),
            test,
            adjustedP,
            counted);
    }

    // Confidence is about being right, so only tasks whose rewards are 0 and 1 have a calibration; -1, for an answer
    // that cannot be read, is wrong too.
    private static Calibration? CalibrationOf(ScoredRun run)
    {
        if (run.Answers.Count == 0 || run.Rewards.Any(reward => reward is not (0 or 1 or -1)))
        {
            return null;
        }

        var rewards = run.Results.ToDictionary(result => result.Scene, result => result.Reward);
        return Calibration.Of([.. run.Answers
            .Where(answer => !double.IsNaN(answer.Confidence) && rewards.ContainsKey(answer.Scene))
            .Select(answer => (answer.Confidence, rewards[answer.Scene] == 1))]);
    }

    private sealed record Method(ScoredRun[] Attempts, ScoredRun Counted)
    {
        public PlayerKind Kind => Counted.Run.Request.Kind;

        public Interval Score { get; } = Interval.Of(Counted.Rewards);

        public bool IsRanked => Kind == PlayerKind.Agent && HasEnough(Kind, Score.Count);
    }
}

/// <summary>One method on one board: a row of the table.</summary>
/// <param name="Run">The run that counts: of an agent the one closed first, so that many tries do not help; of a
/// baseline the longest; of people the first of all that are counted together.</param>
/// <param name="Rank">Place among the agents that have enough scenes, from 1; 0 for all other rows.</param>
/// <param name="Score">Mean reward with its 95 % interval.</param>
/// <param name="Normalised">(mean - random) / (expert - random): 0 is chance, 1 is the expert.</param>
/// <param name="Attempts">Mean reward of each closed run of the method on this board and season, in the order in which
/// they were closed.</param>
/// <param name="ByAnswers">Mean reward by the number of answers that an episode took; one entry for one-step
/// tasks.</param>
/// <param name="Calibration">Of stated confidence; null if none was stated.</param>
/// <param name="VersusBest">Paired test against the reference row on common scenes; null in that row, and where
/// there are none.</param>
/// <param name="AdjustedP">The test's p-value after Holm's correction over all rows; 1 where there is none.</param>
/// <param name="Counted">What counts for the row: scenes and their last answers, of people of all together.</param>
public sealed record Standing(
    Run Run,
    int Rank,
    Interval Score,
    double Normalised,
    IReadOnlyList<double> Attempts,
    IReadOnlyList<AnswersTaken> ByAnswers,
    Calibration? Calibration,
    PairedTest? VersusBest,
    double AdjustedP,
    ScoredRun Counted)
{
    /// <summary>Mean reward of its best run: how much trying again would have gained.</summary>
    public double BestOfAttempts => Attempts.Max();
}

/// <summary>Episodes that took equally many answers.</summary>
/// <param name="Answers">How many; 0 was never answered.</param>
/// <param name="Episodes">How many episodes.</param>
/// <param name="Mean">Their mean reward.</param>
public readonly record struct AnswersTaken(int Answers, int Episodes, double Mean);

/// <summary>A closed run with everything that is counted.</summary>
/// <param name="Run">The run.</param>
/// <param name="Results">Those that count, in order.</param>
/// <param name="Answers">Those that state a confidence.</param>
public sealed record ScoredRun(Run Run, IReadOnlyList<SceneResult> Results, IReadOnlyList<SceneAnswer> Answers)
{
    /// <summary>The last answer to each scene.</summary>
    public IReadOnlyList<SceneAnswer> Last { get; init; } = [];

    /// <summary>Rewards of the scenes that count.</summary>
    public double[] Rewards { get; } = [.. Results.Select(result => result.Reward)];

    /// <summary>Results of the scenes that all runs meet.</summary>
    public IEnumerable<SceneResult> Common => Results.Where(result => Run.IsCommon(result.Scene));
}

/// <summary>A figure that others measured and published; shown beside runs, never counted as one.</summary>
/// <param name="Task">Task that it belongs to.</param>
/// <param name="Method">Who was measured.</param>
/// <param name="Score">Mean reward; an interval only where the number of scenes is published.</param>
/// <param name="Source">Where it stands.</param>
public sealed record PublishedFigure(string Task, string Method, Interval Score, string Source)
{
    private const string VisualCognition =
        "Schulze Buschoff, Akata, Bethge, Schulz: Visual cognition in multimodal large language models, Nature " +
        "Machine Intelligence 7 (2025), arXiv 2311.16093; on the 100 photographs of block towers of Lerer, Gross, " +
        "Fergus, ICML 2016";

    /// <summary>All that the product knows.</summary>
    public static IReadOnlyList<PublishedFigure> All { get; } =
    [
        // The mean over participants; its interval cannot be derived from what is published.
        new("RealTowers-v1", StandingsTable.People, new Interval(0.656, 0.656, 0.656, 0), VisualCognition),
        new("RealTowers-v1", "GPT-4V", Interval.Wilson(60, 100), VisualCognition),
        new("RealTowers-v1", "Claude 3", Interval.Wilson(58, 100), VisualCognition),
    ];
}
