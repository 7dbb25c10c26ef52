using PhysIntuition.Client;
using PhysIntuition.V1;

namespace PhysIntuition.Play.Agents;

/// <summary>A player that needs no training.</summary>
internal interface IAgent
{
    /// <summary>For tables.</summary>
    string Name { get; }

    /// <summary>Observation that it looks at; null: none.</summary>
    string? Needs { get; }

    /// <summary>One answer for each row.</summary>
    /// <param name="task">What is asked.</param>
    /// <param name="rows">Episodes that wait for an answer.</param>
    /// <param name="observations">Holds what was asked for by <see cref="Needs"/>.</param>
    IReadOnlyList<string> Act(TaskInfo task, int rows, Observations observations);
}
