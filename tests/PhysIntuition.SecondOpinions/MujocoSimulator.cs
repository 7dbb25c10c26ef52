using System.Numerics;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions;

/// <summary>MuJoCo 2.2.2 with stiff contacts behind the same interface: slow and independent.</summary>
/// <remarks>
/// Of touching surfaces MuJoCo takes the larger friction, so compare scenes with one coefficient. It has no
/// restitution here, and kinematic bodies stand still.
/// </remarks>
/// <param name="settings">Step, damping and friction cone.</param>
public sealed class MujocoSimulator(MujocoSettings settings) : ISimulator
{
    private const double RestingSpeed = 0.005, RestingSpin = 0.02;   // m/s, rad/s
    private const double RestingTime = 0.25;                        // s that all must rest

    /// <summary>Why MuJoCo cannot be used on this machine; null if it can.</summary>
    public static string? WhyMissing => MujocoLibrary.WhyMissing;

    /// <inheritdoc/>
    public string Name =>
        $"MuJoCo 2.2.2, {1000 * settings.Step} ms, stiff contacts" + (settings.IsCone ? ", elliptic cone" : "");

    /// <summary>CPU seconds spent in steps alone, without compiling models.</summary>
    public double StepSeconds { get; private set; }

    /// <inheritdoc/>
    public void Settle(ReadOnlySpan<World> worlds, SettleOptions options, Span<Outcome> outcomes)
    {
        for (var i = 0; i < worlds.Length; i++)
        {
            outcomes[i] = Run(worlds[i], options.MaxTime, options);
        }
    }

    /// <inheritdoc/>
    public void Advance(ReadOnlySpan<World> worlds, float duration)
    {
        foreach (var world in worlds)
        {
            Run(world, duration, null);
        }
    }

    // Without options the run lasts its whole time.
    private Outcome Run(World world, double duration, SettleOptions? options)
    {
        var start = world.Bodies.ToArray();
        using var instance = new MujocoInstance(world, settings);
        var restSteps = 0;
        var before = Environment.CpuUsage.TotalTime;
        var steps = (int)Math.Round(duration / settings.Step);
        var step = 0;
        for (; step < steps && restSteps * settings.Step < RestingTime; step++)
        {
            instance.Step(world);
            var canRest = options is not null && !HasPushAfter(world, world.Time + (float)(step * settings.Step));
            restSteps = canRest && instance.IsSlow(RestingSpeed, RestingSpin) ? restSteps + 1 : 0;
        }

        StepSeconds += (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        instance.ReadInto(world);
        var time = (float)(step * settings.Step);
        world.Time += time;
        return Judge(start, world, options ?? new(), time, step < steps);
    }

    private static bool HasPushAfter(World world, float time) =>
        world.Pushes.Exists(push => push.Start + push.Duration >= time);

    private static Outcome Judge(Body[] start, World world, SettleOptions options, float time, bool rests)
    {
        ulong fallen = 0, moved = 0;
        var hasLeft = false;
        for (var i = 0; i < start.Length; i++)
        {
            var (a, b) = (start[i].Position, world.Bodies[i].Position);
            fallen |= a.Y - b.Y > options.FallDrop ? 1ul << i : 0;
            moved |= Vector3.Distance(a, b) > options.MovedDistance ? 1ul << i : 0;
            hasLeft |= b.Y < options.FloorLimit;
        }

        var ending = hasLeft ? Ending.Left : fallen != 0 ? Ending.Fell : rests ? Ending.Settled : Ending.TimedOut;
        return new(ending, time, fallen, moved);
    }
}

/// <summary>How MuJoCo is run. Its contacts are springs; the reference runs make them stiff.</summary>
/// <param name="Step">s.</param>
/// <param name="Damping">Of a contact, over critical; 1 gives back 13 % of an impact's speed, 2 gives back 5 %.</param>
/// <param name="IsCone">Round friction cone; else MuJoCo's default, a pyramid: faster, not isotropic.</param>
public sealed record MujocoSettings(double Step, double Damping, bool IsCone)
{
    /// <summary>As fast as it is right about towers.</summary>
    public static MujocoSettings Fast { get; } = new(Step: 0.002, Damping: 1, IsCone: false);

    /// <summary>The same with a round cone.</summary>
    public static MujocoSettings Round { get; } = Fast with { IsCone = true };

    /// <summary>For what slides: the step must be short beside the contacts' 5 ms; docs/physics.md says why.</summary>
    public static MujocoSettings Converged { get; } = new(Step: 0.0001, Damping: 2, IsCone: true);
}
