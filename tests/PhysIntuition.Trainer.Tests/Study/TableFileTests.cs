using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace PhysIntuition.Trainer.Study;

/// <summary>Tables of results as files: every number in them, and drawings that are well-formed.</summary>
public sealed class TableFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private readonly Cell[] _cells =
    [
        new("a, \"b\"", "Stability-v1", "test", 0, 0, 0.5, 0.1, new(100, 0.75, 0.05, 0.7, 0.9, 1)),
        new("c", "Stability-v1", "test", 0, 0, -0.25, 0.2, new(50, 0.375, 0.1, 0.4, 1, 1)),
        new("c", "Offset-v1", "test/tall-v1", 3, 25, 0.125, 0, new(10, -1.5, 0.25, 0, 0.2, 10)),
    ];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_Csv_IsOneLineForEachCellUnderTheHeader()
    {
        CellFiles.Write(_cells, json: null, _folder.At("cells.csv"), picture: null);
        var lines = File.ReadAllLines(_folder.At("cells.csv"));

        Assert.Equal(Cell.Header, lines[0]);
        Assert.Equal("\"a, \"\"b\"\"\",Stability-v1,test,0,0,100,0.75,0.05,0.5,0.1,0.7,0.9,1", lines[1]);
        Assert.Equal("c,Offset-v1,test/tall-v1,3,25,10,-1.5,0.25,0.125,0,0,0.2,10", lines[3]);
        Assert.Equal(4, lines.Length);
        Assert.All(lines.Where((_, i) => i != 1), line => Assert.Equal(13, line.Split(',').Length));
    }

    [Fact]
    public void Write_Json_HoldsEveryNumber()
    {
        CellFiles.Write(_cells, _folder.At("cells.json"), csv: null, picture: null);
        var cells = JsonNode.Parse(File.ReadAllText(_folder.At("cells.json")))!["cells"]!.AsArray();

        Assert.Equal(_cells.Select(cell => cell.Success), cells.Select(cell => cell!["success"]!.GetValue<double>()));
        Assert.Equal(_cells.Select(cell => cell.Result.Reward),
            cells.Select(cell => cell!["result"]!["reward"]!.GetValue<double>()));
    }

    [Fact]
    public void Draw_Table_ShowsModelsWithoutExamplesOrAdaptationWhereThereAre()
    {
        var drawing = XDocument.Parse(CellFiles.Draw(_cells));
        var texts = drawing.Descendants().Where(element => element.Name.LocalName == "text")
            .Select(element => element.Value).ToList();

        Assert.Contains("a, \"b\"", texts);
        Assert.Contains("0.50", texts);
        Assert.Contains("-0.25", texts);
        Assert.DoesNotContain("0.13", texts);
        Assert.DoesNotContain("0.12", texts);
        Assert.Contains("Offset-v1 tall-v1", CellFiles.Draw([_cells[2]]), StringComparison.Ordinal);
    }

    [Fact]
    public void Column_OfACell_NamesTheSuiteWhereThereIsOne() =>
        Assert.Equal(["Stability-v1", "Stability-v1", "Offset-v1 tall-v1"], _cells.Select(cell => cell.Column));

    [Fact]
    public void ToString_OfACell_HasItsColumnsAtTheirPlaces() => Assert.Equal(
        "c                Stability-v1                      0 ex    0 st    50    0.375 ±0.100   -0.250   40.0 %"
        + "  100.0 %     1.000", _cells[1].ToString());

    [Fact]
    public void Draw_Probes_HasALineForEachPlaceInTheOrderOfLayers()
    {
        ProbeResult[] results =
        [
            new("m", "Stability-v1", "margin", "last", 2, 0.5, 0.1, 100),
            new("m", "Stability-v1", "margin", "last", 0, 0.25, 0.1, 100),
            new("m", "Stability-v1", "margin", "mean", 0, 0.125, 0.1, 100),
        ];
        ProbeFiles.Write(results, _folder.At("probes.json"), _folder.At("probes.svg"));
        var drawing = XDocument.Parse(File.ReadAllText(_folder.At("probes.svg")));
        var lines = drawing.Descendants().Where(element => element.Name.LocalName == "polyline").Select(line =>
            line.Attribute("points")!.Value.Split(' ').Select(point =>
                double.Parse(point.Split(',')[0], CultureInfo.InvariantCulture)).ToArray()).ToList();

        Assert.Equal([2, 1], lines.Select(line => line.Length));
        Assert.True(lines[0][0] < lines[0][1]);
        Assert.Equal([0.5, 0.25, 0.125], JsonNode.Parse(File.ReadAllText(_folder.At("probes.json")))!["results"]!
            .AsArray().Select(result => result!["r2"]!.GetValue<double>()));
    }

    [Fact]
    public void Draw_ProbesOfSeveralTasks_NamesWhatLinesDoNotShare()
    {
        ProbeResult[] results =
        [
            new("m", "Stability-v1", "margin", "last", 0, 0.5, 0.1, 100),
            new("m", "Offset-v1", "margin", "last", 0, 0.25, 0.1, 100),
        ];

        Assert.Contains("m on Stability-v1, last", ProbeFiles.Draw(results), StringComparison.Ordinal);
        Assert.DoesNotContain("m on", ProbeFiles.Draw(results[..1]), StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_Cells_ShowNumbersInTheColoursOfTheirLevels()
    {
        var result = new EvaluationResult(100, 0, 0, 0, 1, 1);

        var picture = CellFiles.Draw(
        [
            new("a", "T-v1", "test", 0, 0, 1, 0, result), new("a", "T-v1", "test/tall-v1", 0, 0, 0, 0, result),
            new("a", "T-v1", "test", 3, 0, 0.5, 0, result),
        ]);

        Assert.Contains(">1.00<", picture);
        Assert.Contains("fill=\"rgb(255,255,255)\"", picture);   // success 0 is white
        Assert.Contains("T-v1 tall-v1", picture);
        Assert.DoesNotContain(">0.50<", picture);                // with examples: another picture
    }
}
