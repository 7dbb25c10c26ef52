using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;

namespace PhysIntuition.Server.Pages;

/// <summary>A scene made and played to the end of the answers given, as the scheduler simulates it.</summary>
/// <param name="query">Which scene, which answers.</param>
/// <param name="batch">One slot.</param>
internal sealed class PlayedScene(SceneQuery query, EnvironmentBatch batch) : IPendingWorlds
{
    private int _steps;

    /// <summary>One slot with the scene, after the answers.</summary>
    public EnvironmentBatch Batch => batch;

    /// <summary>The query that it was made from.</summary>
    public SceneQuery Query => query;

    public IReadOnlyList<Counterfactual> Pending => batch.Pending;

    /// <summary>Rewards of the steps taken, added up.</summary>
    public double Return { get; private set; }

    /// <summary>Makes the scene, or begins to.</summary>
    public PlayedScene Begin()
    {
        batch.BeginReset(default, [query.Seed]);
        StepWhileIdle();
        return this;
    }

    public bool Resume()
    {
        if (!batch.Resume())
        {
            return false;
        }

        if (_steps > 0)
        {
            Return += batch.Results.Rewards[0];
        }

        return StepWhileIdle();
    }

    private bool StepWhileIdle()
    {
        while (batch.Pending.Count == 0 && _steps < query.Answers.Count)
        {
            batch.BeginStep([query.Answers[_steps++]]);
            Return += batch.Pending.Count == 0 ? batch.Results.Rewards[0] : 0;
        }

        return batch.Pending.Count == 0;
    }
}
