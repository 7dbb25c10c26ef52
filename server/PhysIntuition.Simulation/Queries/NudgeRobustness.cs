using System.Numerics;
using PhysIntuition.Faults;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Queries;

/// <summary>Whether the answer "something falls" survives small changes of the scene.</summary>
/// <param name="Falls">Whether a body fell or left in the scene as it is.</param>
/// <param name="Nudges">How many changed scenes were tried.</param>
/// <param name="Flips">In how many of them the answer was the other one.</param>
public readonly record struct NudgeRobustness(bool Falls, int Nudges, int Flips)
{
    /// <summary>Whether no nudge changed the answer.</summary>
    public bool Survives => Flips == 0;

    /// <summary>Four nudges of each dynamic body: along x, -x, z and -z.</summary>
    /// <param name="world">Is not changed.</param>
    /// <param name="distance">m, in [10⁻⁶, 0.1]; 1 mm unless said otherwise.</param>
    /// <exception cref="PhysIntuitionException">The distance is out of range.</exception>
    public static Nudge[] Sideways(World world, float distance = 0.001f)
    {
        QueryChecks.InRange("distance", distance, 1e-6f, 0.1f, "m");
        ReadOnlySpan<Vector3> directions = [Vector3.UnitX, -Vector3.UnitX, Vector3.UnitZ, -Vector3.UnitZ];
        var nudges = new List<Nudge>();
        for (var body = 0; body < world.Bodies.Count; body++)
        {
            foreach (var direction in directions)
            {
                if (world.Bodies[body].Motion == Motion.Dynamic)
                {
                    nudges.Add(new(body, direction * distance));
                }
            }
        }

        return [.. nudges];
    }

    /// <summary>Simulates a world as it is and once for each nudge, all in one batch.</summary>
    /// <param name="simulator">The engine that decides.</param>
    /// <param name="world">Is not changed.</param>
    /// <param name="options">When to stop and what counts as fallen.</param>
    /// <param name="nudges">Applied one at a time; those of <see cref="Sideways"/> if empty.</param>
    /// <exception cref="PhysIntuitionException">A nudge names no body, or a world is out of range.</exception>
    public static NudgeRobustness Of(
        ISimulator simulator, World world, SettleOptions options, ReadOnlySpan<Nudge> nudges = default)
    {
        var all = nudges.IsEmpty ? Sideways(world) : nudges;
        var worlds = new World[all.Length + 1];
        worlds[0] = new World();
        worlds[0].CopyFrom(world);
        for (var k = 0; k < all.Length; k++)
        {
            worlds[k + 1] = all[k].Apply(world);
        }

        var outcomes = new Outcome[worlds.Length];
        simulator.Settle(worlds, options, outcomes);
        var falls = HasFallen(outcomes[0]);
        return new(falls, all.Length, outcomes.Count(outcome => HasFallen(outcome) != falls));
    }

    private static bool HasFallen(Outcome outcome) => outcome.Ending is Ending.Fell or Ending.Left;
}

/// <summary>A small displacement of one body.</summary>
/// <param name="Body">Index of the body.</param>
/// <param name="Offset">m, world frame.</param>
public readonly record struct Nudge(int Body, Vector3 Offset)
{
    /// <summary>A copy of the world with this body displaced.</summary>
    /// <exception cref="PhysIntuitionException">The world has no such body.</exception>
    public World Apply(World world)
    {
        if (Body < 0 || Body >= world.Bodies.Count)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "nudge.body",
                $"'nudge.body' is {Body}; must be in [0, {world.Bodies.Count}). Name a body of this world.");
        }

        var copy = new World();
        copy.CopyFrom(world);
        var body = copy.Bodies[Body];
        body.Position += Offset;
        copy.Bodies[Body] = body;
        return copy;
    }
}
