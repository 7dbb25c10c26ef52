using PhysIntuition.Environments.Episodes;

namespace PhysIntuition.Environments.Batches;

/// <summary>
/// Work that stops wherever it needs a simulation, so that a scheduler can run the worlds of many together.
/// </summary>
public interface IPendingWorlds
{
    /// <summary>Worlds to simulate now, in a fixed order; empty when the work is done.</summary>
    IReadOnlyList<Counterfactual> Pending { get; }

    /// <summary>Adds worlds that will be wanted later to the pending ones, where lanes would be empty.</summary>
    /// <param name="worlds">Most worlds to add.</param>
    /// <returns>How many were added.</returns>
    int AddAhead(int worlds) => 0;

    /// <summary>Goes on once every pending world is simulated and its outcome written.</summary>
    /// <returns>Whether the work is done; otherwise <see cref="Pending"/> holds the next worlds.</returns>
    bool Resume();
}
