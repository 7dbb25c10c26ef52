using System.Runtime.CompilerServices;

namespace PhysIntuition.Environments.Episodes;

/// <summary>64-bit hashes of scenes and outcomes: equal on every machine, or something is wrong.</summary>
/// <remarks>Fields are hashed one by one in a written order, never memory, which has padding.</remarks>
public struct SceneHash
{
    private ulong _state;

    /// <summary>Of everything that picture and physics depend on.</summary>
    public static ulong Of(Episode episode)
    {
        var hash = new SceneHash { _state = SceneSeed.HashOf("scene") };
        hash.Add(episode.World);
        for (var i = 0; i < episode.Appearances.Count; i++)
        {
            var look = episode.Appearances[i];
            hash.Add(look.Color);
            hash.Add((ulong)look.Material | ((ulong)look.TextureSeed << 8));
        }

        foreach (var overlay in episode.Overlays)
        {
            hash.Add((ulong)overlay.Kind);
            hash.Add(overlay.From);
            hash.Add(overlay.To);
            hash.Add(overlay.Size);
            hash.Add(overlay.Color);
            hash.Add(SceneSeed.HashOf(overlay.Text ?? ""));
        }

        hash.Add(episode.Camera.Eye);
        hash.Add(episode.Camera.Target);
        hash.Add(episode.Camera.FieldOfView);
        hash.Add(episode.Light.SunDirection);
        hash.Add(episode.Light.SunColor);
        hash.Add(episode.Light.SkyColor);
        hash.Add(episode.Light.SunRadius);
        hash.Add((ulong)episode.Options.Ground | ((ulong)episode.Options.Style << 8));
        hash.Add((ulong)episode.State.Choice);
        foreach (var panel in episode.Panels)
        {
            hash.Add(panel);
        }

        return hash._state;
    }

    /// <summary>Of how a simulation ended: what fell, what moved, when, and where everything is.</summary>
    public static ulong OfOutcome(Counterfactual trial)
    {
        var hash = new SceneHash { _state = SceneSeed.HashOf("outcome") };
        hash.Add((ulong)trial.Outcome.Ending);
        hash.Add(trial.Outcome.Time);
        hash.Add(trial.Outcome.FallenBodies);
        hash.Add(trial.Outcome.MovedBodies);
        hash.Add(trial.World);

        return hash._state;
    }

    private void Add(World world)
    {
        Add(world.Gravity);
        Add(world.HasGround ? 1UL : 0UL);
        Add(world.GroundFriction);
        Add(world.GroundRestitution);
        Add((ulong)world.Bodies.Count);
        foreach (var body in world.Bodies)
        {
            Add(body.Position);
            Add(body.Orientation.X);
            Add(body.Orientation.Y);
            Add(body.Orientation.Z);
            Add(body.Orientation.W);
            Add(body.LinearVelocity);
            Add(body.AngularVelocity);
            Add(body.HalfExtents);
            Add(body.Mass);
            Add(body.Friction);
            Add(body.Restitution);
            Add((ulong)body.Motion);
        }

        foreach (var push in world.Pushes)
        {
            Add((ulong)push.Body);
            Add(push.Vector);
            Add(push.Offset);
            Add(push.Start);
            Add(push.Duration);
        }
    }

    // Inlined, the running state stays in a register: else a call for each number waits for its way through memory.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(Vector3 vector)
    {
        Add(vector.X);
        Add(vector.Y);
        Add(vector.Z);
    }

    // Adding 0 turns -0 into +0, which compare equal and must hash equal.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(float value) => Add((ulong)BitConverter.SingleToUInt32Bits(value + 0f));

    // SplitMix64's finaliser over a running state: every bit of the input reaches every bit of the hash.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(ulong value)
    {
        var z = (_state ^ value) + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        _state = z ^ (z >> 31);
    }
}
