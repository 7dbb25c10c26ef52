using PhysIntuition.Environments.Batches;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Scheduling;

namespace PhysIntuition.Server.Pages;

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
