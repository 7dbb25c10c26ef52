using System.Collections.Concurrent;

namespace PhysIntuition.Simulation;

/// <summary>The canonical engine: rigid cuboids, sixteen worlds to a register, the same bits everywhere.</summary>
/// <remarks>
/// Safe to call from several threads at once; memory is kept and reused, a step allocates nothing. A world's result
/// depends on that world alone: not on lane width, threads, its neighbours or its place in the batch.
/// </remarks>
public sealed class BatchSimulator : ISimulator, IDisposable
{
    private readonly ConcurrentBag<BundleRunner> _runners = [];
    private readonly LaneWidth _width;
    private readonly int _threads;

    /// <summary>An engine on this machine's widest registers and all its cores.</summary>
    public BatchSimulator()
        : this(new SimulatorOptions())
    {
    }

    /// <summary>An engine that uses the machine as told.</summary>
    /// <exception cref="PhysIntuitionException">The number of threads or the lane width is out of range.</exception>
    public BatchSimulator(SimulatorOptions options)
    {
        if (options.Threads is < 0 or > 1024)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "threads",
                $"threads is {options.Threads}; it must be in [0, 1024], where 0 takes all cores. Set it in range.");
        }

        _width = LaneWidths.Resolve(options.LaneWidth);
        _threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
    }

    /// <inheritdoc/>
    public string Name => "PhysIntuition 1";

    /// <inheritdoc/>
    /// <exception cref="PhysIntuitionException">A world or an option is out of range; nothing was moved.</exception>
    public void Settle(ReadOnlySpan<World> worlds, SettleOptions options, Span<Outcome> outcomes)
    {
        WorldChecks.Check(options);
        var all = new SettleOptions[worlds.Length];
        all.AsSpan().Fill(options);
        Settle(worlds, all, outcomes);
    }

    /// <inheritdoc/>
    /// <exception cref="PhysIntuitionException">A world or an option is out of range; nothing was moved.</exception>
    public void Settle(ReadOnlySpan<World> worlds, ReadOnlySpan<SettleOptions> options, Span<Outcome> outcomes)
    {
        CheckLength("options", options.Length, worlds.Length);
        CheckLength("outcomes", outcomes.Length, worlds.Length);
        SettleOptions? last = null;
        foreach (var each in options[..worlds.Length])
        {
            if (!ReferenceEquals(each, last))
            {
                WorldChecks.Check(last = each);
            }
        }

        WorldChecks.Check(worlds);
        var queue = new WorldQueue(worlds, options);
        Run(queue, worlds.Length);
        queue.Outcomes.CopyTo(outcomes);
    }

    /// <inheritdoc/>
    /// <exception cref="PhysIntuitionException">A world or the duration is out of range; nothing was moved.</exception>
    public void Advance(ReadOnlySpan<World> worlds, float duration)
    {
        WorldChecks.CheckDuration("duration", duration);
        WorldChecks.Check(worlds);
        var steps = WorldQueue.StepsIn(duration);
        if (steps > 0)
        {
            Run(new WorldQueue(worlds, steps), worlds.Length);
        }
    }

    /// <summary>Gives back the engine's memory; no call may be running.</summary>
    public void Dispose()
    {
        while (_runners.TryTake(out var runner))
        {
            runner.Dispose();
        }
    }

    private static void CheckLength(string field, int length, int worlds)
    {
        if (length < worlds)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, field,
                $"{field} has room for {length} of {worlds} worlds; give it at least as many.");
        }
    }

    private void Run(WorldQueue queue, int worlds)
    {
        // Fewer worlds than lanes would leave threads idle: share them out instead.
        var threads = Math.Min(_threads, worlds);
        var lanes = threads == 0 ? 0 : (worlds + threads - 1) / threads;
        if (threads == 1)
        {
            Work(queue, lanes);
        }
        else if (threads > 1)
        {
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => Work(queue, lanes));
        }
    }

    private void Work(WorldQueue queue, int lanes)
    {
        if (!_runners.TryTake(out var runner))
        {
            runner = BundleRunner.Create(_width);
        }

        runner.Run(queue, lanes);
        _runners.Add(runner);
    }
}

/// <summary>How the engine uses the machine. No option changes a bit of any result.</summary>
public sealed record SimulatorOptions
{
    /// <summary>Worlds that one register holds.</summary>
    public LaneWidth LaneWidth { get; init; } = LaneWidth.Widest;

    /// <summary>Threads of one call, in [1, 1024]; 0 takes all cores.</summary>
    public int Threads { get; init; }
}
