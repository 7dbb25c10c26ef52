using System.CommandLine;
using System.Text;
using System.Text.Json;
using PhysIntuition.Benchmarks;
using PhysIntuition.Benchmarks.Reports;

namespace PhysIntuition.Server.Tests;

/// <summary>Two builds measured in turn: who runs when, and what the ratios are.</summary>
public sealed class BaselineTests : IDisposable
{
    // A checkout that keeps a diary, and whose bench is faster with every line of it.
    private const string Script = """
        #!/bin/sh
        folder="$(dirname "$0")"
        echo "$(basename "$folder") $*" >> "$folder/../diary"
        while [ "$1" != --json ]; do shift; done
        echo "{\"figures\":{\"rate\":$(wc -l < "$folder/../diary"),\"hash\":\"abc\"}}" > "$2"
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("physintuition-baseline-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Ratio_OfSeveralTurns_IsTheMedianOfTheirRatios()
    {
        var comparison = new Comparison();
        comparison.Add(Figures(("rate", 90)), Figures(("rate", 100)));
        comparison.Add(Figures(("rate", 30)), Figures(("rate", 20)));   // a slow minute, for both
        comparison.Add(Figures(("rate", 80)), Figures(("rate", 100)));

        var row = Assert.Single(comparison.Rows);

        // The ratios are 0.9, 1.5 and 0.8. That of the medians, 80 / 100, would let the slow minute count.
        Assert.Equal(0.9, row.Ratio, tolerance: 1e-12);
        Assert.Equal([90, 30, 80], row.Here);
        Assert.Equal([100, 20, 100], row.Baseline);
    }

    [Fact]
    public void Rows_OfFiguresThatOneOfThemLacks_HaveNoRatio()
    {
        var comparison = new Comparison();
        comparison.Add(Figures(("new", 1), ("both", 0)), Figures(("old", 2), ("both", 0)));

        var rows = comparison.Rows;

        Assert.Equal(["new", "both", "old"], rows.Select(row => row.Name));
        Assert.Equal([0, 1, 0], rows.Select(row => row.Ratios.Length));
        Assert.Equal(1, rows[1].Ratio);   // nothing of nothing is no change
        Assert.Contains("-", comparison.ToTable());
    }

    [Fact]
    public void Read_OfAFileThatABenchWrote_HasItsNumbersAndTexts()
    {
        var figures = new Figures();
        figures.Add("rate", 12.5, "calls/s");
        figures.Add("unmeasured", double.NaN);
        figures.Add("hash", "abc");

        var read = Comparison.Read(figures.ToJson("bench"));

        Assert.Equal(["rate", "hash"], read.Keys);
        Assert.Equal((12.5, "abc"), ((double)read["rate"], (string)read["hash"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"figures":[]}""")]
    public void Read_OfAnotherFile_IsRefused(string json) =>
        Assert.ThrowsAny<JsonException>(() => Comparison.Read(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public async Task Run_SeveralTurns_ChangesWhoBeginsAndKeepsAllThree()
    {
        var run = new BaselineRun([Checkout("here"), "bench", "x"], [Checkout("there"), "bench", "x"]);

        var comparison = await run.RunAsync(turns: 2, CancellationToken.None).WaitAsync(RunningServer.Patience);

        var diary = await File.ReadAllLinesAsync(Path.Combine(_folder.FullName, "diary"));
        Assert.Equal(["there", "here", "here", "there"], diary.Select(line => line.Split(' ')[0]));
        var rate = comparison.Rows[0];
        Assert.Equal([2, 3], rate.Here);
        Assert.Equal([1, 4], rate.Baseline);
        var kept = Comparison.Read(comparison.ToFigures().ToJson("bench"));
        Assert.Equal((2.5, 2.5, ((2 / 1.0) + (3 / 4.0)) / 2),
            ((double)kept["rate"], (double)kept["rate_baseline"], (double)kept["rate_ratio"]));
        Assert.Equal(("abc", "abc"), ((string)kept["hash"], (string)kept["hash_baseline"]));
    }

    [Fact]
    public async Task Run_OfAProgramThatFails_SaysWhichOne()
    {
        var run = new BaselineRun(["/bin/false"], [Checkout("there"), "bench", "x"]);

        var failure = await Assert.ThrowsAsync<SkippedException>(
            () => run.RunAsync(turns: 1, CancellationToken.None).WaitAsync(RunningServer.Patience));

        Assert.Contains("/bin/false", failure.Message);
    }

    [Fact]
    public void Of_AFolderThatIsNoCheckout_IsRefused()
    {
        var failure = Assert.Throws<SkippedException>(() => BaselineRun.Of(new Area(), [], _folder));

        Assert.Contains(_folder.Name, failure.Message);
    }

    [Theory]
    [InlineData("--baseline .. --turns 5 --full --size 3 --json f", "--full --size 3")]
    [InlineData("--size 4", "--size 4")]
    [InlineData("--baseline ..", "")]
    public void OwnOptions_OfACommandLine_AreThoseOfTheArea(string line, string expected)
    {
        var command = Bench.CommandOf(new Area());
        Option[] dropped =
            [.. command.Options.Where(option => option.Name is "--json" or "--baseline" or "--turns")];

        var own = Bench.OwnOptions(command.Parse(line), dropped);

        Assert.Equal(expected, string.Join(' ', own));
    }

    [Theory]
    [InlineData("x --turns 0", "[1, 1000]")]
    [InlineData("x --check --baseline ..", "--check")]
    public async Task CommandLine_ThatAsksForTheImpossible_IsWrongUsage(string line, string reason)
    {
        var root = new RootCommand { Bench.CommandOf(new Area()) };

        Assert.Contains(reason, string.Join(' ', root.Parse(line).Errors.Select(error => error.Message)));
        Assert.Equal(2, await Bench.RunAsync(root, line.Split(' ')));
    }

    private string Checkout(string name)
    {
        var entry = Path.Combine(_folder.CreateSubdirectory(name).FullName, "physintuition");
        File.WriteAllText(entry, Script);
        File.SetUnixFileMode(entry, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return entry;
    }

    private static Dictionary<string, object> Figures(params (string Name, double Value)[] figures) =>
        figures.ToDictionary(figure => figure.Name, figure => (object)figure.Value);

    private sealed class Area : IArea
    {
        public string Name => "x";

        public string Summary => "Nothing.";

        public void Configure(Command command)
        {
            command.Options.Add(new Option<bool>("--full"));
            command.Options.Add(new Option<int>("--size"));
        }

        public Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation) =>
            Task.CompletedTask;
    }
}
