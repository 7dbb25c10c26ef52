using System.Diagnostics;
using System.Globalization;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>One hash per scene family, and whether every lane width and instruction set gives it.</summary>
internal static class GoldenFigures
{
    private static readonly (string Family, Func<List<World>> Make)[] s_families =
    [
        ("towers", () => Towers.Mixture(6, seed: 1)),
        ("pyramids", () => Pyramids.Make(8, seed: 1)),
        ("pushes", () => Pushes.Make(16, seed: 1)),
    ];

    /// <summary>Adds the hashes and the share of ways to run that agree with them.</summary>
    public static void Add(Figures figures)
    {
        var golden = Hashes(LaneWidth.Widest);
        var others = new List<string[]>
        {
            Hashes(LaneWidth.One), Hashes(LaneWidth.Eight), Hashes(LaneWidth.Sixteen),
            InChild("DOTNET_EnableAVX512", "0"), InChild("DOTNET_EnableAVX2", "0"),
            InChild("DOTNET_EnableHWIntrinsic", "0"),
        };
        for (var k = 0; k < s_families.Length; k++)
        {
            figures.Add($"golden_{s_families[k].Family}", golden[k]);
        }

        var same = others.Count(hashes => hashes.SequenceEqual(golden));
        figures.Add("golden_same_bits", same / (double)others.Count, "", Mark.AtLeast(1));
    }

    /// <summary>Prints one hash a line: what a child process is asked for.</summary>
    public static void Print()
    {
        foreach (var hash in Hashes(LaneWidth.Widest))
        {
            Console.Out.WriteLine(hash);
        }
    }

    private static string[] Hashes(LaneWidth width) => [.. s_families.Select(family =>
    {
        var worlds = family.Make().ToArray();
        var outcomes = new Outcome[worlds.Length];
        Engines.OnOneThread(width).Settle(worlds, new SettleOptions { MaxTime = 1f }, outcomes);
        var hash = new WorldHash();
        for (var i = 0; i < worlds.Length; i++)
        {
            hash.Add(WorldHash.OfOutcome(worlds[i], outcomes[i]));
        }

        return hash.Value.ToString("x16", CultureInfo.InvariantCulture);
    })];

    private static string[] InChild(string variable, string value)
    {
        var self = typeof(GoldenFigures).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [self, "simulation", "--golden"]) { RedirectStandardOutput = true };
        start.Environment[variable] = value;
        using var child = Process.Start(start)!;
        var lines = child.StandardOutput.ReadToEnd().Split('\n').Take(s_families.Length).ToArray();
        child.WaitForExit();
        return lines;
    }
}
