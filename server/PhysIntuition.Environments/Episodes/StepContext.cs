namespace PhysIntuition.Environments.Episodes;

/// <summary>One answer to one episode, from its acceptance to its verdict.</summary>
public sealed class StepContext
{
    /// <summary>The episode; answering a one-step task leaves it as it is, so that turns may share it.</summary>
    public Episode Episode { get; internal set; } = null!;

    /// <summary>What was answered.</summary>
    public Answer Answer { get; internal set; }

    /// <summary>Worlds to simulate before the judgement; the first is the one that people are shown.</summary>
    public Counterfactuals Counterfactuals { get; } = new();

    /// <summary>The first of the worlds before it moves, where steps change the episode; else null.</summary>
    internal World? Start { get; private set; }

    /// <summary>Keeps what the answer sets in motion: once the episode has changed, it no longer tells.</summary>
    internal void KeepStart()
    {
        if (Counterfactuals.Count > 0)
        {
            Start = new World();
            Start.CopyFrom(Counterfactuals[0].World);
        }
    }

    internal void Begin(Episode episode, in Answer answer)
    {
        (Episode, Answer, Start) = (episode, answer, null);
        Counterfactuals.Clear();
    }
}

/// <summary>What a task says about one answer.</summary>
/// <param name="Reward">Within the task's range.</param>
/// <param name="IsOver">The task reached its own end. Step limits are not the task's business.</param>
/// <param name="Reason">One of a few constant sentences for people; never parsed.</param>
/// <param name="Distance">How far off the answer was, m; NaN where distance means nothing.</param>
public readonly record struct Verdict(double Reward, bool IsOver, string Reason, double Distance = double.NaN);

/// <summary>What an answer sets in motion.</summary>
internal static class AnswerEffect
{
    /// <summary>The world as an answer leaves it, before anything has moved; null where nothing will.</summary>
    public static World? Of(ITask task, Episode episode, in Answer answer)
    {
        var turn = new StepContext();
        turn.Begin(episode, answer);
        task.Act(turn);
        if (turn.Counterfactuals.Count == 0)
        {
            task.Consequence(turn);
        }

        return turn.Counterfactuals.Count > 0 ? turn.Counterfactuals[0].World : null;
    }
}
