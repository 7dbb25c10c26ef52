namespace PhysIntuition.Simulation.Bodies;

/// <summary>64-bit fingerprints of worlds and outcomes: equal bits, equal hash, on every machine.</summary>
/// <remarks>
/// FNV-1a (Fowler, Noll, Vo) over 32-bit words instead of bytes, with a final mix; bodies in their order, negative
/// zero as zero. Not meant against forgery.
/// </remarks>
public struct WorldHash
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    private ulong _state;

    /// <summary>An empty fingerprint.</summary>
    public WorldHash() => _state = Offset;

    /// <summary>The fingerprint of what was added, in order.</summary>
    public readonly ulong Value
    {
        get
        {
            var z = (_state ^ (_state >> 32)) * 0xD6E8FEB86659FD93;
            return z ^ (z >> 32);
        }
    }

    /// <summary>A world as it is: bodies, pushes, surroundings and time.</summary>
    public static ulong OfScene(World world)
    {
        var hash = new WorldHash();
        hash.Add(world);
        return hash.Value;
    }

    /// <summary>A world after simulation together with how it ended.</summary>
    public static ulong OfOutcome(World world, Outcome outcome)
    {
        var hash = new WorldHash();
        hash.Add(world);
        hash.Add((uint)outcome.Ending);
        hash.Add(outcome.Time);
        hash.Add(outcome.FallenBodies);
        hash.Add(outcome.MovedBodies);
        return hash.Value;
    }

    /// <summary>Adds 32 bits.</summary>
    public void Add(uint bits) => _state = (_state ^ bits) * Prime;

    /// <summary>Adds 64 bits.</summary>
    public void Add(ulong bits)
    {
        Add((uint)bits);
        Add((uint)(bits >> 32));
    }

    /// <summary>Adds a number's bits; both zeros count as one.</summary>
    public void Add(float value) => Add(BitConverter.SingleToUInt32Bits(value + 0f));

    /// <summary>Adds three numbers.</summary>
    public void Add(Vector3 v)
    {
        Add(v.X);
        Add(v.Y);
        Add(v.Z);
    }

    /// <summary>Adds everything of a world that its future depends on.</summary>
    public void Add(World world)
    {
        Add((uint)world.Bodies.Count);
        foreach (var body in world.Bodies)
        {
            Add(body);
        }

        Add((uint)world.Pushes.Count);
        foreach (var push in world.Pushes)
        {
            Add((uint)push.Body);
            Add(push.Vector);
            Add(push.Offset);
            Add(push.Start);
            Add(push.Duration);
        }

        Add(world.Gravity);
        Add(world.HasGround ? 1u : 0u);
        Add(world.GroundFriction);
        Add(world.GroundRestitution);
        Add(world.Time);
    }

    /// <summary>Adds a body's state and constants.</summary>
    public void Add(in Body body)
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
        Add((uint)body.Motion);
    }
}
