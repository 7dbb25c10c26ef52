namespace PhysIntuition.Simulation;

/// <summary>Where a body was at one moment.</summary>
/// <param name="Position">Centre, m.</param>
/// <param name="Orientation">Body to world, unit quaternion.</param>
public readonly record struct Pose(Vector3 Position, Quaternion Orientation);

/// <summary>The poses of a world's bodies at equal intervals.</summary>
public sealed class Trajectory
{
    private readonly Pose[] _poses;   // [frame, body]
    private readonly float[] _times;

    private Trajectory(int bodies, float[] times)
    {
        (Bodies, _times, _poses) = (bodies, times, new Pose[bodies * times.Length]);
    }

    /// <summary>Bodies per frame.</summary>
    public int Bodies { get; }

    /// <summary>Frames, the start included.</summary>
    public int Frames => _times.Length;

    /// <summary>Simulated seconds since the world's start of each frame; whole engine steps.</summary>
    public ReadOnlySpan<float> Times => _times;

    /// <summary>The poses of all bodies in one frame.</summary>
    public ReadOnlySpan<Pose> this[int frame] => _poses.AsSpan(frame * Bodies, Bodies);

    /// <summary>Moves each world forward and notes its poses on the way.</summary>
    /// <param name="simulator">The engine that moves them.</param>
    /// <param name="worlds">Overwritten: at the end they are as after the last frame.</param>
    /// <param name="rate">Frames per second, in [0.001, 1000].</param>
    /// <param name="duration">s, in [0, 3600].</param>
    /// <returns>One trajectory per world, same order, with floor(duration * rate) + 1 frames.</returns>
    /// <exception cref="Faults.PhysIntuitionException">Rate or duration is out of range.</exception>
    public static Trajectory[] Record(ISimulator simulator, ReadOnlySpan<World> worlds, float rate, float duration)
    {
        WorldChecks.CheckRange("rate", rate, 1e-3f, 1000f);
        WorldChecks.CheckDuration("duration", duration);
        var frames = 1 + (int)Math.Floor((duration * (double)rate) + 1e-6);
        var trajectories = new Trajectory[worlds.Length];
        for (var i = 0; i < worlds.Length; i++)
        {
            trajectories[i] = new(worlds[i].Bodies.Count, new float[frames]);
        }

        var elapsed = 0.0;
        for (var frame = 0; frame < frames; frame++)
        {
            // Aims at the frame's own time, so that rounding to engine steps does not add up.
            var wait = (float)((frame / (double)rate) - elapsed);
            if (wait > 0 && worlds.Length > 0)
            {
                var before = worlds[0].Time;
                simulator.Advance(worlds, wait);
                elapsed += worlds[0].Time - (double)before;
            }

            for (var i = 0; i < worlds.Length; i++)
            {
                trajectories[i].Note(frame, worlds[i]);
            }
        }

        return trajectories;
    }

    private void Note(int frame, World world)
    {
        _times[frame] = world.Time;
        for (var body = 0; body < Bodies; body++)
        {
            _poses[(frame * Bodies) + body] = new(world.Bodies[body].Position, world.Bodies[body].Orientation);
        }
    }
}
