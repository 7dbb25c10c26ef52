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

/// <summary>One request of a page, on its way through the scheduler with everybody else's.</summary>
/// <param name="share">The share of all pages together.</param>
/// <param name="services">What simulates and draws.</param>
/// <param name="query">Which scene, which answers.</param>
/// <param name="read">Takes from the played scene what is asked.</param>
/// <param name="cancellation">Fires when nobody waits any more.</param>
/// <typeparam name="T">What is asked.</typeparam>
internal sealed class SceneWork<T>(
    WorkShare share, EnvironmentServices services, SceneQuery query, Func<PlayedScene, T> read,
    CancellationToken cancellation) : Work<T>(new WorkLane(share), 1, cancellation)
{
    private PlayedScene? _scene;
    private T? _result;

    public override IPendingWorlds Begin() =>
        _scene = new PlayedScene(query, query.Open(services.Simulator, services.Renderer)).Begin();

    public override void Finish() => _result = read(_scene!);

    protected override T Answer() => _result!;
}
