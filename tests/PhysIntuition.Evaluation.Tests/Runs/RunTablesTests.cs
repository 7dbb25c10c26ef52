using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using PhysIntuition.Evaluation.Runs;
using PhysIntuition.V1;

namespace PhysIntuition.Evaluation.Tests.Runs;

/// <summary>Tables as people, spreadsheets and programs read them.</summary>
public sealed class RunTablesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cells_OfSamplesInAnyOrder_AreOneForEachPlaceInOrder()
    {
        var cells = Cells(
            Samples.Of(1, 1, model: "b"), Samples.Of(0, 1, model: "a", task: "Offset-v1"),
            Samples.Of(0, 1, model: "b"), Samples.Of(0, 1, model: "a", split: "test/tall-v1"),
            Samples.Of(0, 1, model: "a", examples: 3));

        Assert.Equal(
            ["a Offset-v1 test 0 1", "a Stability-v1 test 3 1", "a Stability-v1 test/tall-v1 0 1",
                "b Stability-v1 test 0 2"],
            cells.Select(cell => $"{cell.Model} {cell.Task} {cell.Split} {cell.Examples} {cell.Delivered}"));
    }

    [Theory]
    [InlineData(2, 98, false)]   // 2 % itself is not said
    [InlineData(3, 97, true)]
    public void Warning_OfCutAnswers_BeginsAboveTwoPerCent(int cut, int whole, bool isSaid)
    {
        var warning = WarningOf(
        [
            .. Enumerable.Range(0, cut).Select(i => Samples.Of((ulong)i, 0, SampleOutcome.CutOff)),
            .. Enumerable.Range(cut, whole).Select(i => Samples.Of((ulong)i, 1)),
        ]);

        Assert.Equal(isSaid, warning is not null);
        if (isSaid)
        {
            Assert.Equal("Answers were cut off or empty: m on Stability-v1 (3 %). Raise --max-tokens, or lower "
                + "--reasoning-effort.", warning);
        }
    }

    [Fact]
    public void Warning_OfUndeliveredAnswers_CountsThoseOfAllCellsAndSaysTheCommonestReason()
    {
        var lost = Samples.Of(0, 0, SampleOutcome.Undelivered, model: "a") with { Error = "404: no model 'x'." };
        var again = Samples.Of(0, 0, SampleOutcome.Undelivered, model: "b") with { Error = "404: no model 'x'." };
        var late = Samples.Of(1, 0, SampleOutcome.Undelivered, model: "b") with { Error = "Took 300 s." };

        Assert.Equal("3 questions were never answered, and count nowhere. --resume asks them alone. "
            + "2 of them for this reason: 404: no model 'x'.",
            WarningOf([late, lost, Samples.Of(1, 1, model: "a"), again]));
    }

    [Fact]
    public void Warning_OfACleanRun_IsNone() => Assert.Null(WarningOf([Samples.Of(0, 1)]));

    [Fact]
    public void Lines_ForPeople_HaveTheirColumnsUnderTheirNames()
    {
        var culture = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = comma;   // tables have points wherever they are made
        try
        {
            string[] lines = [.. RunTables.Lines(Cells(Samples.Of(0, 1), Samples.Of(1, 0, SampleOutcome.Wrong)))];

            Assert.Equal(2, lines.Length);
            Assert.Equal(lines[0].IndexOf(" right", StringComparison.Ordinal) + 6, lines[1].IndexOf(
                " 1 ", StringComparison.Ordinal) + 2);
            Assert.Contains("0.500 (0.095 to 0.905)", lines[1]);   // Wilson's interval of 1 of 2
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("", "")]
    public void Quoted_Text_IsAsRfc4180HasIt(string text, string quoted) =>
        Assert.Equal(quoted, RunTables.Quoted(text));

    [Fact]
    public void Write_Csv_HasAFieldForEveryNameOfItsHeader()
    {
        var samples = new[] { Samples.Of(0, 1, model: "model, with a comma"), Samples.Of(1, 0, SampleOutcome.Wrong) };
        RunTables.Write(_folder.Root, Cells(samples), samples);

        var lines = File.ReadAllLines(_folder.At("table.csv"));
        var names = lines[0].Split(',');
        Assert.Equal(3, lines.Length);
        Assert.Equal(names.Length, lines[1].Split(',').Length);
        Assert.StartsWith("\"model, with a comma\",", lines[2]);
        Assert.Equal("1", lines[1].Split(',')[Array.IndexOf(names, "wrong")]);
        Assert.Equal("0", lines[1].Split(',')[Array.IndexOf(names, "reward")]);
    }

    [Fact]
    public void Write_Json_HoldsCellsAndPairsInSnakeCase()
    {
        var samples = new[] { Samples.Of(0, 1, model: "a"), Samples.Of(0, 0, model: "b") };
        RunTables.Write(_folder.Root, Cells(samples), samples);

        var table = JsonNode.Parse(File.ReadAllText(_folder.At("table.json")))!;
        Assert.Equal(2, table["cells"]!.AsArray().Count);
        Assert.Equal(1.0, (double)table["cells"]![0]!["success"]!);
        Assert.Null(table["cells"]![0]!["pass_at_k"]);   // what is not known is left out
        Assert.Equal("mcnemar-exact", (string)table["pairs"]![0]!["test"]!);
        Assert.DoesNotContain(Directory.GetFiles(_folder.Root), file => file.EndsWith(".unfinished"));
    }

    [Fact]
    public void Write_Svg_IsXmlWithACellForEachNumber()
    {
        var samples = new[]
        {
            Samples.Of(0, 1, model: "<b> & co"), Samples.Of(0, 0, SampleOutcome.Wrong, task: "Offset-v1"),
        };
        RunTables.Write(_folder.Root, Cells(samples), samples);

        var svg = XDocument.Parse(File.ReadAllText(_folder.At("table.svg"))).Root!;
        var texts = svg.Elements().Where(part => part.Name.LocalName == "text").Select(part => part.Value).ToArray();
        Assert.Contains("<b> & co", texts);
        Assert.Contains("1.00", texts);
        Assert.Contains("-1.00", texts);
        Assert.Equal(2, svg.Elements().Count(part => part.Name.LocalName == "rect"));
    }

    [Theory]
    [InlineData(0, "rgb(255,255,255)")]
    [InlineData(1, "rgb(123,154,201)")]    // 255 + 0.6 * (channel - 255) of (36, 87, 166)
    [InlineData(5, "rgb(123,154,201)")]    // no darker than 1, so that the text stays readable
    [InlineData(-1, "rgb(222,138,126)")]   // of (200, 60, 40)
    public void Draw_Level_HasItsColour(double level, string colour)
    {
        var svg = HeatMap.Draw(["row"], ["column"], (_, _) => ("x", level));

        Assert.Contains($"fill=\"{colour}\"", svg);
    }

    private static IReadOnlyList<EvaluationCell> Cells(params EvaluationSample[] samples) =>
        RunTables.Cells(samples, _ => new RewardInfo { Random = 0.5f, Expert = 1 }, prices: null);

    private static string? WarningOf(IReadOnlyList<EvaluationSample> samples) =>
        RunTables.Warning(Cells([.. samples]), samples);
}
