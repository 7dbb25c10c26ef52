namespace PhysIntuition.Simulation.Bodies;

/// <summary>One small world: cuboids on an optional ground plane at y = 0, and the pushes to come.</summary>
/// <remarks>Simulating a world overwrites its bodies; <see cref="CopyFrom"/> forks one without allocating.</remarks>
public sealed class World
{
    /// <summary>Maximum number of bodies in one world.</summary>
    public const int MaxBodies = 64;

    /// <summary>Bodies in order; their index is their name in pushes, masks and pictures.</summary>
    public List<Body> Bodies { get; } = [];

    /// <summary>Pushes in any order.</summary>
    public List<ExternalForce> Pushes { get; } = [];

    /// <summary>m/s² along -y, in [0, 100].</summary>
    public float Gravity { get; set; } = 9.81f;

    /// <summary>Whether there is a ground plane at y = 0.</summary>
    public bool HasGround { get; set; } = true;

    /// <summary>Coulomb coefficient of the ground, in [0, 2].</summary>
    public float GroundFriction { get; set; } = 0.6f;

    /// <summary>Restitution of the ground, in [0, 1].</summary>
    public float GroundRestitution { get; set; }

    /// <summary>Seconds simulated so far; a run begins in [0, 3600].</summary>
    public float Time { get; set; }

    /// <summary>Number of the call that was last given this world: finds one that is in a batch twice.</summary>
    internal long LastCall { get; set; }

    /// <summary>Contact impulses of the last run, so that the next continues exactly; null before the first.</summary>
    internal ContactCache? Cache { get; set; }

    /// <summary>Makes this world equal to another, with its contact impulses; reuses this world's lists.</summary>
    public void CopyFrom(World other)
    {
        Bodies.Clear();
        Bodies.AddRange(other.Bodies);
        Pushes.Clear();
        Pushes.AddRange(other.Pushes);
        Gravity = other.Gravity;
        HasGround = other.HasGround;
        GroundFriction = other.GroundFriction;
        GroundRestitution = other.GroundRestitution;
        Time = other.Time;
        if (other.Cache is null)
        {
            Cache?.BodyOfSlot.Clear();
            Cache?.Contacts.Clear();
            return;
        }

        Cache ??= new ContactCache();
        Cache.CopyFrom(other.Cache);
    }
}

/// <summary>An impulse, or a force that acts for a while, on one body.</summary>
/// <param name="Body">Index of the body in its world.</param>
/// <param name="Vector">World frame; N·s if <paramref name="Duration"/> is 0, else N.</param>
/// <param name="Offset">Where it acts, from the body's centre, m; world frame, it does not turn with the body.</param>
/// <param name="Start">s after the world's start, in [0, 3600].</param>
/// <param name="Duration">s, in [0, 3600]; 0 makes it an impulse.</param>
public readonly record struct ExternalForce(int Body, Vector3 Vector, Vector3 Offset, float Start, float Duration);

/// <summary>What the engine remembers of a world between calls: slot order and contact impulses.</summary>
/// <remarks>
/// It counts only while the bodies are as the engine left them; then two runs of a second are one run of two, bit
/// for bit. Layout of <see cref="Contacts"/>: per contact slot A (-1 ground), slot B, points, two tangents, then per
/// point feature, normal and two friction impulses.
/// </remarks>
internal sealed class ContactCache
{
    private ulong _bodies;

    public List<byte> BodyOfSlot { get; } = [];

    public List<float> Contacts { get; } = [];

    public bool Fits(World world) => BodyOfSlot.Count == world.Bodies.Count && _bodies == HashOf(world);

    public void Seal(World world) => _bodies = HashOf(world);

    public void CopyFrom(ContactCache other)
    {
        BodyOfSlot.Clear();
        BodyOfSlot.AddRange(other.BodyOfSlot);
        Contacts.Clear();
        Contacts.AddRange(other.Contacts);
        _bodies = other._bodies;
    }

    private static ulong HashOf(World world)
    {
        var hash = new WorldHash();
        foreach (var body in world.Bodies)
        {
            hash.Add(body);
        }

        return hash.Value;
    }
}
