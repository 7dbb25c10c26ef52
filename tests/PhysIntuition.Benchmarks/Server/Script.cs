using PhysIntuition.Client;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>A game whose every reply is known beforehand: a step that is lost or done twice shows at once.</summary>
/// <remarks>Each step ends the episodes, so the seeds that follow depend on how many steps were done.</remarks>
internal sealed class Script
{
    /// <summary>The task.</summary>
    public const string Task = "Offset-v1";

    /// <summary>Slots of the environment.</summary>
    public const int Slots = 4;

    /// <summary>Steps that wait for replies at a time; fewer than the replay window.</summary>
    public const int InFlight = 3;

    /// <summary>Steps after the reset.</summary>
    public const int Steps = 48;

    private readonly float[][] _rewards = new float[Steps][];
    private readonly ulong[][] _seeds = new ulong[Steps][];

    /// <summary>Plays it here, undisturbed.</summary>
    public Script(ulong seed)
    {
        Seed = seed;
        using var simulator = new BatchSimulator(new SimulatorOptions { Threads = 1 });
        var batch = new EnvironmentBatch(TaskCatalog.Find(Task), new BatchOptions
        {
            Slots = Slots,
            Autoreset = AutoresetMode.SameStep,
        }, simulator);
        batch.Reset(seed);
        for (var step = 0; step < Steps; step++)
        {
            var actions = Actions(step);
            batch.Step([.. Enumerable.Range(0, Slots).Select(slot => SlotAction.OfNumbers(
                [actions[2 * slot], actions[(2 * slot) + 1]]))]);
            _rewards[step] = [.. batch.Results.Rewards.Select(reward => (float)reward)];
            _seeds[step] = [.. batch.Results.Seeds];
        }
    }

    /// <summary>Of the reset.</summary>
    public ulong Seed { get; }

    /// <summary>How it is played on a server.</summary>
    public static EnvironmentSettings Settings => new(Task)
    {
        Slots = Slots,
        Autoreset = V1.AutoresetMode.SameStep,
        Observe = new Observe("seed"),
        ReplayWindow = InFlight + 1,
    };

    /// <summary>float32[slots, 2] of a step.</summary>
    public static float[] Actions(int step) =>
        [.. Enumerable.Range(0, Slots).SelectMany(slot => new float[] { -40 + (step % 7) + slot, 260 })];

    /// <summary>A reply beside what it must be, in words.</summary>
    public string Compare(int step, ReadOnlySpan<float> rewards, ReadOnlySpan<ulong> seeds) =>
        $"rewards {string.Join(' ', rewards.ToArray())} instead of {string.Join(' ', _rewards[step])}, " +
        $"seeds {string.Join(' ', seeds.ToArray())} instead of {string.Join(' ', _seeds[step])}";

    /// <summary>Whether a reply is that of this step.</summary>
    public bool Fits(int step, ReadOnlySpan<float> rewards, ReadOnlySpan<ulong> seeds) =>
        rewards.SequenceEqual(_rewards[step]) && seeds.SequenceEqual(_seeds[step]);
}
