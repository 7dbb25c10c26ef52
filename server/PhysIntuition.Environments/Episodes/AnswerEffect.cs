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
