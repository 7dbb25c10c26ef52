using System.Numerics;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Verdicts on episodes made by hand.</summary>
internal static class Judged
{
    /// <summary>What a task says of an answer, nothing simulated.</summary>
    public static Verdict By(ITask task, TaskOptions options, in EpisodeState facts, in Answer answer)
    {
        var turn = new StepContext();
        turn.Begin(new Episode { Options = options, State = facts }, answer);

        return task.Judge(turn);
    }

    /// <summary>EpisodeState of a task that asks for a place on the x axis, from 0.</summary>
    public static EpisodeState At(float place) => new() { Target = new Vector3(place, 0, 0) };

    /// <summary>What a task that takes text makes of it.</summary>
    public static Answer Unreadable { get; } = Answer.Unreadable("It says nothing.");
}
