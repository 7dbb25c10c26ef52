using PhysIntuition.Environments.Batches;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Server.Pages;

/// <summary>Tells watchers once a second what the server measures, and every two seconds what a few environments
/// show.</summary>
/// <remarks>Held-out and withheld environments are neither named nor drawn.</remarks>
internal sealed class WatchStream(
    SessionStore sessions, PrometheusText metrics, EnvironmentServices services, Drain drain)
{
    private const int MostWatchers = 32;
    private const int MostPictures = 6;
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private int _watchers;

    /// <summary>Streams until the watcher leaves or the server stops.</summary>
    public async Task RunAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref _watchers) > MostWatchers)
        {
            Interlocked.Decrement(ref _watchers);
            Throw.LimitReached("watchers", MostWatchers, "places of watchers", TimeSpan.FromSeconds(10));
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, drain.Started);
        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            using var timer = new PeriodicTimer(s_period);
            for (var tick = 0; ; tick++)
            {
                await WriteAsync(context, tick, end.Token);
                await timer.WaitForNextTickAsync(end.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The watcher left, or the server is about to.
        }
        finally
        {
            Interlocked.Decrement(ref _watchers);
        }
    }

    private async Task WriteAsync(HttpContext context, int tick, CancellationToken cancellation)
    {
        var text = new StringBuilder("event: metrics\n");
        foreach (var line in metrics.Write().Split('\n'))
        {
            // Comments stay out: names and numbers are enough.
            text.Append(line.Length > 0 && line[0] != '#' ? $"data: {line}\n" : "");
        }

        text.Append('\n');
        if (tick % 2 == 0)
        {
            var shown = await DrawAsync(cancellation);
            text.Append($"event: environments\ndata: {JsonSerializer.Serialize(shown, SceneEndpoints.Json)}\n\n");
        }

        await context.Response.WriteAsync(text.ToString(), cancellation);
        await context.Response.Body.FlushAsync(cancellation);
    }

    private async Task<WatchedEnvironments> DrawAsync(CancellationToken cancellation)
    {
        var open = sessions.All
            .SelectMany(session => session.Environments.Select(environment => (session, environment)))
            .Where(pair => pair.environment.Plan.Split != Split.Heldout)
            .OrderByDescending(pair => pair.environment.Slots)
            .ToList();
        var works = new List<WatchWork>();
        foreach (var (session, environment) in open.Take(MostPictures))
        {
            var work = new WatchWork(session.Client, environment, cancellation);
            services.Scheduler.Submit(work);
            works.Add(work);
        }

        var pictures = await Task.WhenAll(works.Select(work => work.Reply));
        return new WatchedEnvironments(
            open.Count, open.Sum(pair => pair.environment.Slots), [.. pictures.OfType<WatchedEnvironment>()]);
    }
}

/// <summary>What is open.</summary>
/// <param name="Count">Environments, without held-out ones.</param>
/// <param name="Slots">Their slots.</param>
/// <param name="Shown">The largest.</param>
internal sealed record WatchedEnvironments(int Count, int Slots, IReadOnlyList<WatchedEnvironment> Shown);

/// <summary>One environment.</summary>
/// <param name="Client">What its client calls itself.</param>
/// <param name="Task">Its task.</param>
/// <param name="Split">Where its scenes come from.</param>
/// <param name="Slots">Episodes side by side.</param>
/// <param name="Picture">PNG, base64; null while no episode is running.</param>
internal sealed record WatchedEnvironment(string Client, string Task, string Split, int Slots, string? Picture);

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
    private string Draw(int slot) =>
        Convert.ToBase64String(PngEncoder.Encode(environment.Batch.View.Picture(slot, Edge).Rgb, Edge, Edge));
}
