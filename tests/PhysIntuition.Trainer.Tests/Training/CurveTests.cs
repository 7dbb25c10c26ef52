using System.Xml.Linq;
using PhysIntuition.Trainer.Study;

namespace PhysIntuition.Trainer.Training;

/// <summary>From numbers that a run logs to the curves that its page shows.</summary>
public sealed class CurveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_LoggedNumbers_AreCurvesByNameWithTheirLastValues()
    {
        using (var log = new MetricsLog(_folder.Root, fromStep: 0))
        {
            for (var step = 1; step <= 5; step++)
            {
                log.Write(step, new Dictionary<string, double> { ["loss"] = 1.0 / step, ["eval/<b>"] = step });
            }

            log.Write(6, new Dictionary<string, double> { ["loss"] = double.NaN });
        }

        var page = File.ReadAllText(CurvePage.Write(_folder.Root));

        Assert.Contains("<figcaption>loss: 0.2</figcaption>", page, StringComparison.Ordinal);   // NaN is no point
        Assert.Contains("<figcaption>eval/&lt;b&gt;: 5</figcaption>", page, StringComparison.Ordinal);
        Assert.True(page.IndexOf("eval/", StringComparison.Ordinal) < page.IndexOf("loss", StringComparison.Ordinal));
    }

    [Fact]
    public void Draw_Lines_HaveTheirPointsAtProportionalPlaces()
    {
        var drawing = XDocument.Parse(LineChart.Draw("step", "loss", [new("a", [new(0, 0), new(5, 1), new(10, 2)])]));
        var points = drawing.Descendants().Single(element => element.Name.LocalName == "polyline")
            .Attribute("points")!.Value.Split(' ').Select(point => point.Split(',').Select(double.Parse).ToArray())
            .ToArray();

        Assert.Equal(points[0][0] + points[2][0], 2 * points[1][0], 0.2);
        Assert.Equal(points[0][1] + points[2][1], 2 * points[1][1], 0.2);
        Assert.True(points[0][0] < points[2][0] && points[0][1] > points[2][1]);   // upwards is up
    }

    [Fact]
    public void Draw_NamesAndValues_AreTextAndNeverMarkup()
    {
        var drawing = LineChart.Draw(
            "a<b", "\"&\"", [new("<x>", [new(0, 1)]), new("y", [new(1, double.NaN), new(2, 3)])]);

        var texts = XDocument.Parse(drawing).Descendants().Where(element => element.Name.LocalName == "text")
            .Select(element => element.Value).ToList();
        Assert.Contains("a<b", texts);
        Assert.Contains("\"&\"", texts);
        Assert.Contains("<x>", texts);
        Assert.DoesNotContain("NaN", drawing, StringComparison.Ordinal);
    }
}
