using System.Collections.Concurrent;

namespace PhysIntuition.Environments.Episodes;

/// <summary>The few ways in which tasks ask for worlds to be settled. Few, so that worlds share batches.</summary>
public static class Settling
{
    /// <summary>A block whose centre sinks by more than this share of its height has fallen.</summary>
    public const float FallShare = 0.1f;

    /// <summary>A fall within this time counts, s; a tower that tips at all does so in about two seconds.</summary>
    public const float LabelTime = 4f;

    /// <summary>Until everything rests, s.</summary>
    public const float RestTime = 6f;

    private const float EarthGravity = 9.81f;   // m/s²; times hold for it, and for friction that a task is used to

    private static readonly ConcurrentDictionary<(int Drop, int Quarters, bool IsLabel), SettleOptions> s_cache = new();

    /// <summary>Until everything rests: for pictures of what happened.</summary>
    public static SettleOptions ToRest(World world) => Cached(0, FallStretch(world), isLabel: false);

    /// <summary>Until everything rests that slides on the ground.</summary>
    /// <param name="world">Whose friction and gravity slow bodies down.</param>
    /// <param name="usualFriction">The friction at which <see cref="RestTime"/> is enough.</param>
    public static SettleOptions ToRestAfterSlide(World world, float usualFriction) => Cached(
        0, Math.Max(FallStretch(world), usualFriction * EarthGravity / (world.GroundFriction * world.Gravity)),
        isLabel: false);

    /// <summary>Until the first fall: enough for a yes or a no.</summary>
    /// <param name="world">Whose gravity makes it fall.</param>
    /// <param name="height">Height of the lowest block, m.</param>
    public static SettleOptions ToFirstFall(World world, float height) =>
        Cached(Drop(height), FallStretch(world), isLabel: true);

    /// <summary>Until everything rests, with the fall limit of blocks of this height.</summary>
    /// <param name="world">Whose gravity makes it fall.</param>
    /// <param name="height">Height of the lowest block, m.</param>
    public static SettleOptions ToRestOf(World world, float height) =>
        Cached(Drop(height), FallStretch(world), isLabel: false);

    /// <summary>Puts bodies where they settled, at rest and without a memory of contacts, so that a restored episode
    /// goes on with the same bits.</summary>
    public static void Rest(World world, World settled)
    {
        for (var i = 0; i < world.Bodies.Count; i++)
        {
            world.Bodies[i] = settled.Bodies[i] with { LinearVelocity = Vector3.Zero, AngularVelocity = Vector3.Zero };
        }
    }

    /// <summary>Whether a body of a settled world has fallen.</summary>
    public static bool HasAnyFallen(in Outcome outcome) =>
        outcome.Ending is Ending.Fell or Ending.Left || outcome.FallenBodies != 0;

    // Limits are rounded down to whole centimetres so that worlds of like size go to the simulator together.
    private static int Drop(float height) => Math.Clamp((int)(height * FallShare * 100f), 1, 63);

    // Whatever falls takes longer by the root of what gravity lacks: t² = 2 h / g.
    private static float FallStretch(World world) => Math.Max(1f, MathF.Sqrt(EarthGravity / world.Gravity));

    // Times in quarters, for the same reason as whole centimetres.
    private static SettleOptions Cached(int drop, float stretch, bool isLabel) => s_cache.GetOrAdd(
        (drop, (int)MathF.Ceiling(4f * stretch), isLabel), static key =>
        {
            var options = new SettleOptions
            {
                MaxTime = (key.IsLabel ? LabelTime : RestTime) * key.Quarters / 4f, StopAtFirstFall = key.IsLabel,
            };

            return key.Drop == 0
                ? options
                : options with { FallDrop = key.Drop * 0.01f, MovedDistance = key.Drop * 0.005f };
        });
}
