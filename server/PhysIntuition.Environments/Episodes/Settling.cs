using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

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

    private static readonly SettleOptions s_label = new() { MaxTime = LabelTime, StopAtFirstFall = true };

    /// <summary>Until everything rests: for pictures of what happened.</summary>
    public static SettleOptions ToRest { get; } = new() { MaxTime = RestTime };

    /// <summary>Until the first fall: enough for a yes or a no.</summary>
    /// <param name="height">Height of the lowest block, m.</param>
    public static SettleOptions ToFirstFall(float height) => Cached(height, s_firstFalls, s_label);

    /// <summary>Until everything rests, with the fall limit of blocks of this height.</summary>
    /// <param name="height">Height of the lowest block, m.</param>
    public static SettleOptions ToRestOf(float height) => Cached(height, s_rests, ToRest);

    /// <summary>Whether a body of a settled world has fallen.</summary>
    public static bool HasAnyFallen(in Outcome outcome) =>
        outcome.Ending is Ending.Fell or Ending.Left || outcome.FallenBodies != 0;

    private static readonly SettleOptions?[] s_firstFalls = new SettleOptions?[64];
    private static readonly SettleOptions?[] s_rests = new SettleOptions?[64];

    // Limits are rounded down to whole centimetres so that worlds of like size go to the simulator together.
    private static SettleOptions Cached(float height, SettleOptions?[] cache, SettleOptions origin)
    {
        var index = Math.Clamp((int)(height * FallShare * 100f), 1, cache.Length - 1);

        return cache[index] ??= origin with { FallDrop = index * 0.01f, MovedDistance = index * 0.005f };
    }
}
