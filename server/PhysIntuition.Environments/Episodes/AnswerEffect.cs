using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Episodes;

/// <summary>What an answer sets in motion.</summary>
internal static class AnswerEffect
{
    /// <summary>The world as an answer leaves it, before anything has moved; null where nothing will.</summary>
    public static World? Of(ITask task, Episode episode, in Answer answer)
    {
        var turn = new Turn();
        turn.Begin(episode, answer);
        task.Act(turn);
        if (turn.Trials.Count == 0)
        {
            task.Consequence(turn);
        }

        return turn.Trials.Count > 0 ? turn.Trials[0].World : null;
    }
}
