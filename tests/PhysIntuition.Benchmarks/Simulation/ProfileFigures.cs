using System.Diagnostics;
using System.Runtime.Intrinsics;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Simulation.Bodies;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>Where the time of a step goes, and how far it is from the machine's arithmetic peak.</summary>
internal static class ProfileFigures
{
    private const int Seconds = 2;   // simulated
    private const int Rounds = 8;

    /// <summary>Towers of 3, 5 and 8 blocks, one core, two full bundles of each height.</summary>
    public static void Add(Figures figures, TowerSet towers)
    {
        var isWide = Vector512.IsHardwareAccelerated;
        var lanes = isWide ? Lane16.Count : Lane8.Count;
        World[][] bundles =
            [.. towers.Worlds.GroupBy(world => world.Bodies.Count).Select(alike => alike.Take(2 * lanes).ToArray())];
        var seconds = isWide ? Profile<Lane16>(bundles) : Profile<Lane8>(bundles);
        var operations = Count(bundles);
        var total = seconds.Sum();
        foreach (var phase in Enum.GetValues<Phase>())
        {
            figures.Add($"profile_{Words(phase)}", seconds[(int)phase] / total);
        }

        var substeps = (double)Seconds * EngineConstants.StepsPerSecond * EngineConstants.Substeps;
        var worlds = bundles.Sum(bundle => bundle.Length);
        var peak = Peak(isWide);
        figures.Add("operations_per_world_substep", operations / (worlds * substeps));
        figures.Add("peak_gigaflops", peak / 1e9, "1/ns");
        figures.Add("wide_gigaflops", operations / total / 1e9, "1/ns");
        figures.Add("wide_share_of_peak", operations / total / peak);
    }

    // Of each phase of each step the fastest of some rounds: a stopwatch also sees other programs.
    private static double[] Profile<V>(World[][] bundles) where V : unmanaged, ILanes<V>
    {
        var seconds = new double[Enum.GetValues<Phase>().Length];
        foreach (var bundle in bundles)
        {
            var best = Array.Empty<long>();
            for (var round = 0; round < Rounds; round++)
            {
                using var run = Run<V>(bundle);
                best = [.. run.Ticks.ToArray().Select((ticks, i) => round == 0 ? ticks : Math.Min(ticks, best[i]))];
            }

            for (var i = 0; i < best.Length; i++)
            {
                seconds[i % seconds.Length] += best[i] / (double)Stopwatch.Frequency;
            }
        }

        return seconds;
    }

    private static StagedRun<V> Run<V>(World[] bundle) where V : unmanaged, ILanes<V>
    {
        var (staged, whole) = (TowerSet.Copies(bundle), TowerSet.Copies(bundle));
        var run = new StagedRun<V>(staged, Seconds * EngineConstants.StepsPerSecond);
        Engines.Wide(threads: 1).Advance(whole, Seconds);
        return staged.Select(WorldHash.OfScene).SequenceEqual(whole.Select(WorldHash.OfScene))
            ? run
            : throw new InvalidOperationException("The profiled stages are not those of the engine's step.");
    }

    // What each world needs by itself: rows that only a neighbour's contact asks for are not counted.
    private static long Count(World[][] bundles)
    {
        CountingLane.Operations = 0;
        foreach (var world in bundles.SelectMany(bundle => bundle))
        {
            using var run = Run<CountingLane>([world]);
        }

        return CountingLane.Operations;
    }

    /// <summary>Operations per second of independent fused multiply-adds, one core.</summary>
    private static double Peak(bool isWide)
    {
        const int repeats = 20_000_000;
        const int chains = 12;
        var lanes = isWide ? Vector512<float>.Count : Vector256<float>.Count;
        var seconds = Clock.Rounds(
            Rounds, Clock.CpuSeconds, () => Sink(isWide ? Chains512(repeats) : Chains256(repeats)));
        return 2.0 * lanes * chains * repeats / seconds[0].Min();
    }

    private static float Chains512(int repeats)
    {
        var (x, y) = (Vector512.Create(0.999f), Vector512.Create(0.001f));
        Vector512<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (var n = 0; n < repeats; n++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    private static float Chains256(int repeats)
    {
        var (x, y) = (Vector256.Create(0.999f), Vector256.Create(0.001f));
        Vector256<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (var n = 0; n < repeats; n++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y);
            b = Vector256.FusedMultiplyAdd(b, x, y);
            c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y);
            e = Vector256.FusedMultiplyAdd(e, x, y);
            f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y);
            h = Vector256.FusedMultiplyAdd(h, x, y);
            i = Vector256.FusedMultiplyAdd(i, x, y);
            j = Vector256.FusedMultiplyAdd(j, x, y);
            k = Vector256.FusedMultiplyAdd(k, x, y);
            l = Vector256.FusedMultiplyAdd(l, x, y);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    // Whatever is computed must be wanted by somebody.
    private static void Sink(float value) => GC.KeepAlive(value);

    private static string Words(Phase phase) => phase switch
    {
        Phase.ColdStart => "cold_start",
        Phase.SoftPass => "soft_pass",
        Phase.RigidPass => "rigid_pass",
        _ => phase.ToString().ToLowerInvariant(),
    };
}
