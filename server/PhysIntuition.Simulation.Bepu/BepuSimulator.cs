using System.Collections.Concurrent;
using System.Numerics;
using System.Reflection;
using BepuUtilities.Memory;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Bepu;

/// <summary>BepuPhysics behind the engine's interface: a second opinion, one world at a time.</summary>
/// <remarks>
/// Steps of 1/240 s with 8 substeps and overdamped contact springs of 320 Hz: softer ones topple towers that stand.
/// Springs rule impacts, restitution is ignored. Thread-safe, one thread a call; its bits are its own.
/// </remarks>
public sealed class BepuSimulator : ISimulator, IDisposable
{
    internal const int StepsPerSecond = 240;

    private const double RestSpeed = 0.005, RestSpin = 0.02;   // m/s, rad/s
    private const int RestSteps = StepsPerSecond / 4;

    private readonly ConcurrentBag<BufferPool> _pools = [];   // one per call that runs

    /// <inheritdoc/>
    public string Name { get; } = $"BepuPhysics {Version()}, 240 Hz x 8, springs 320 Hz";

    /// <inheritdoc/>
    public void Settle(ReadOnlySpan<World> worlds, SettleOptions options, Span<Outcome> outcomes)
    {
        var pool = Rent();
        for (var i = 0; i < worlds.Length; i++)
        {
            outcomes[i] = Settle(worlds[i], options, pool);
        }

        _pools.Add(pool);
    }

    /// <inheritdoc/>
    public void Advance(ReadOnlySpan<World> worlds, float duration)
    {
        var pool = Rent();
        foreach (var world in worlds)
        {
            using var run = new BepuRun(world, pool);
            for (var left = StepsIn(duration); left > 0; left--)
            {
                run.Step();
            }

            run.Finish();
        }

        _pools.Add(pool);
    }

    /// <summary>Gives back the memory; no call may be running.</summary>
    public void Dispose()
    {
        foreach (var pool in _pools)
        {
            pool.Clear();
        }
    }

    private static Outcome Settle(World world, SettleOptions options, BufferPool pool)
    {
        var start = world.Bodies.ToArray();
        using var run = new BepuRun(world, pool);
        var (steps, restSteps, fallen, left) = (0, 0, 0ul, 0ul);
        var isOver = false;
        for (var maxSteps = Math.Max(1, StepsIn(options.MaxTime)); steps < maxSteps && !isOver; steps++)
        {
            run.Step();
            left |= run.Below(_ => options.FloorLimit);
            fallen |= left | run.Below(body => start[body].Position.Y - options.FallDrop);
            restSteps = !run.HasPushesLeft() && run.IsSlow(RestSpeed, RestSpin, except: left) ? restSteps + 1 : 0;
            isOver = restSteps >= RestSteps || (fallen != 0 && options.StopAtFirstFall);
        }

        run.Finish();
        var ending = left != 0 ? Ending.Left
            : !isOver ? Ending.TimedOut
            : fallen != 0 ? Ending.Fell : Ending.Settled;

        return new(ending, (float)(steps / (double)StepsPerSecond), fallen, Moved(start, world, options));
    }

    private BufferPool Rent() => _pools.TryTake(out var pool) ? pool : new();

    // Without the commit that builds add.
    private static string Version() => typeof(BufferPool).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static ulong Moved(Body[] start, World end, SettleOptions options)
    {
        var moved = 0ul;
        for (var i = 0; i < start.Length; i++)
        {
            var distance = Vector3.Distance(start[i].Position, end.Bodies[i].Position);
            moved |= distance > options.MovedDistance ? 1ul << i : 0;
        }

        return moved;
    }

    private static int StepsIn(float seconds) => (int)Math.Round(seconds * (double)StepsPerSecond);
}
