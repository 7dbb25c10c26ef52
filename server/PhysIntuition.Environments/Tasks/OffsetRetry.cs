namespace PhysIntuition.Environments.Tasks;

/// <summary>Offset-v1 with three attempts, each shown with what came of the earlier ones.</summary>
/// <remarks>
/// <para>Sees: a tower and a red block beside it; after an attempt, the red block where that attempt put it, if it
/// could be there, and all earlier answers in the prompt.</para>
/// <para>Acts: (x, y), whole hundredths of a metre, always counted from where the red block stood at first.</para>
/// <para>Scores: an attempt's score is that of Offset-v1; a step pays by how much it improves on the attempt before,
/// the first pays its score. So the rewards of an episode add up to the last attempt's score.</para>
/// <para>Ends: after three answers.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class OffsetRetry : ITask
{
    internal const int Attempts = 3;

    public TaskSpec Spec { get; } = new()
    {
        Name = "OffsetRetry",
        Version = 1,
        Summary = "Put the red block on top, with three attempts that see what came of the earlier ones.",
        Answer = Offset.Axes,
        MaxSteps = Attempts,
        AsksOnce = true,
        Reward = new(-35, 35),
        Anchors = new(-3.7, 10),
        OptionsType = typeof(OffsetRetryOptions),
        Heuristic = "difference of centres",
    };

    public string Question(Episode episode) => OffsetScenes.Question(episode);

    public string History(Episode episode)
    {
        if (episode.Options is not { Attempts: Attempts, Tries: 0, Counts: CountedAttempt.Last })
        {
            return AttemptRule.Words(this, episode);
        }

        var text = new StringBuilder();
        for (var i = 0; i < episode.Attempts.Count; i++)
        {
            var answer = episode.Attempts[i].Answer;
            text.Append(CultureInfo.InvariantCulture, $" Attempt {i + 1} of {Attempts} was ");
            text.Append(answer.IsLegal
                ? string.Create(CultureInfo.InvariantCulture, $"({answer[0]:0}, {answer[1]:0}): "
                    + $"{WordsFor(episode, i)}.")
                : "unreadable.");
        }

        return episode.Attempts.Count == 0 ? "" : text.Append(
            " The picture shows where the last legal attempt put it. Count again from where it stood at first.")
            .ToString();
    }

    public BuildStep Arrange(SceneBuilder draft) => OffsetScenes.Arrange(draft);

    public BuildStep Review(SceneBuilder draft) => OffsetScenes.Review(draft);

    public Answer Guess(Episode episode) => OffsetRule.Guess(episode);

    public Answer? Read(Picture picture, Episode hint) =>
        OffsetRule.Read(picture, hint);

    public Verdict Judge(StepContext turn)
    {
        var episode = turn.Episode;
        var verdict = OffsetRule.Judge(turn, isOver: true);
        if (turn.Answer.IsLegal)
        {
            var place = OffsetRule.Destination(turn);
            var isFree = place.Y >= episode.State.Start.Y && OffsetRule.IsFree(turn, place);
            OffsetRule.MoveTo(episode.World, episode.State.Subject, isFree ? place : episode.State.Start);
        }

        return verdict;
    }

    public void Consequence(StepContext turn)
    {
    }

    private static string WordsFor(Episode episode, int index)
    {
        var answer = episode.Attempts[index].Answer;

        return OffsetRule.Of(answer[0] / 100, answer[1] / 100, episode.State).Place switch
        {
            Place.OnTop => "above the tower",
            Place.Beside => "beside the tower",
            Place.Inside => "inside the tower",
            _ => "below the ground",
        };
    }
}

/// <summary>What <see cref="OffsetRetry"/> lets its user choose.</summary>
public sealed record OffsetRetryOptions : TowerOptions
{
    /// <summary>Three attempts.</summary>
    public OffsetRetryOptions() => Attempts = OffsetRetry.Attempts;
}
