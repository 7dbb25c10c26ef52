using System.Runtime.InteropServices;

namespace PhysIntuition.Simulation.Bundles;

/// <summary>The worlds of one call, handed out to the workers' lanes, large ones first, and of one size those first in
/// which something slides far.</summary>
/// <remarks>
/// The order only decides who works on what; no result depends on it. A bundle costs what its busiest lane costs, so
/// worlds that have much to do share bundles.
/// </remarks>
internal sealed class WorldQueue
{
    private readonly World[] _worlds;
    private readonly int[] _order;
    private readonly SettleOptions[] _options = [];
    private readonly int[] _steps = [];
    private readonly int _allSteps;
    private int _next = -1;

    /// <summary>Worlds that run until they settle, each by its own options.</summary>
    public WorldQueue(ReadOnlySpan<World> worlds, ReadOnlySpan<SettleOptions> options)
        : this(worlds, 0)
    {
        _options = options[..worlds.Length].ToArray();
        _steps = new int[worlds.Length];
        for (var i = 0; i < _steps.Length; i++)
        {
            _steps[i] = Math.Max(1, StepsIn(_options[i].MaxTime));
        }

        Outcomes = new Outcome[worlds.Length];
    }

    /// <summary>Worlds that all run so many steps.</summary>
    public WorldQueue(ReadOnlySpan<World> worlds, int steps)
    {
        _worlds = worlds.ToArray();
        _order = new int[worlds.Length];
        _allSteps = steps;
        var keys = new ulong[worlds.Length];
        for (var i = 0; i < worlds.Length; i++)
        {
            _order[i] = i;
            keys[i] = KeyOf(worlds[i]);
            MaxBodies = Math.Max(MaxBodies, worlds[i].Bodies.Count);
        }

        Array.Sort(keys, _order);
    }

    /// <summary>Whether worlds are judged; else they just run their steps.</summary>
    public bool IsJudged => _options.Length > 0;

    /// <summary>Bodies of the largest world.</summary>
    public int MaxBodies { get; }

    /// <summary>One per world if they are judged.</summary>
    public Outcome[] Outcomes { get; } = [];

    /// <summary>Whole steps nearest to a time.</summary>
    public static int StepsIn(float seconds) => (int)Math.Round(seconds * (double)EngineConstants.StepsPerSecond);

    /// <summary>The next world that nobody works on; null when all are taken.</summary>
    public World? Take(out int index)
    {
        var next = Interlocked.Increment(ref _next);
        index = next < _order.Length ? _order[next] : -1;
        return index < 0 ? null : _worlds[index];
    }

    /// <summary>When a world's run ends; null just runs its steps.</summary>
    public SettleOptions? OptionsOf(int index) => IsJudged ? _options[index] : null;

    /// <summary>Maximum number of steps of a world.</summary>
    public int StepsOf(int index) => IsJudged ? _steps[index] : _allSteps;

    // Small is first. Floats that are not negative have the order of their bits.
    private static ulong KeyOf(World world)
    {
        var fastest = 0f;   // (m/s)²
        foreach (ref readonly var body in CollectionsMarshal.AsSpan(world.Bodies))
        {
            fastest = MathF.Max(fastest, body.LinearVelocity.LengthSquared());
        }

        var way = fastest == 0f ? 0f : fastest / (world.GroundFriction * world.Gravity);   // twice what it slides, m

        return (ulong)~(uint)world.Bodies.Count << 32 | ~BitConverter.SingleToUInt32Bits(way);
    }
}
