using PhysIntuition.Environments.Batches;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Scheduling;

namespace PhysIntuition.Server.Pages;

/// <summary>Draws one slot of somebody's environment between two of its calls; changes nothing there.</summary>
/// <param name="client">What its client calls itself.</param>
/// <param name="environment">Whose.</param>
/// <param name="cancellation">Fires when nobody watches any more.</param>
internal sealed class WatchWork(string client, HostedEnvironment environment, CancellationToken cancellation)
    : Work<WatchedEnvironment?>(environment.Lane, 1, cancellation)
{
    private const int Edge = 160;   // pixels

    private WatchedEnvironment? _seen;   // null when it was closed meanwhile

    public override IPendingWorlds? Begin() => null;

    public override void Finish()
    {
        var batch = environment.Batch;
        var slot = Enumerable.Range(0, Math.Min(batch.Slots, 64)).FirstOrDefault(
            i => batch.IsOpen(i) && !batch.IsDone(i), -1);
        _seen = new WatchedEnvironment(
            client, environment.Plan.Task.Spec.Id, environment.Plan.SplitName, environment.Slots,
            slot < 0 ? null : Draw(slot));
    }

    public override void Failed(Exception failure) => Done();

    protected override WatchedEnvironment? Answer() => _seen;

    // Only running episodes: what came of an answer is simulated for the client that asks, not for watchers.
    private string Draw(int slot)
    {
        var format = new FrameFormat(Edge, Edge);
        var rgb = new byte[format.BytesOf(Channels.Rgb)];
        environment.Batch.View.Render([slot], format, new FrameBuffers { Rgb = rgb });
        return Convert.ToBase64String(PngEncoder.Encode(rgb, Edge, Edge));
    }
}
