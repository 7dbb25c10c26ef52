using System.Text.RegularExpressions;
using PhysIntuition.Vlm.Testing;

namespace PhysIntuition.Trainer.Reports;

public sealed class CurvePageTests
{
    [Fact]
    public void Write_Metrics_DrawsOneCurveEachThroughTheirPoints()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("metrics.jsonl"), """
            {"step":1,"loss":3,"a<b":null}
            {"step":2,"loss":1}
            {"step":3,"loss":2,"eval/reward":1}
            """);

        var page = File.ReadAllText(CurvePage.Write(folder.Root));

        // 360 x 150: steps 1, 2, 3 at 0, 180, 360; losses 3, 1, 2 at the top, the bottom, half way. One value: centred.
        Assert.Equal(["180,75", "0,0 180,150 360,75"],
            Regex.Matches(page, "points=\"(.*?)\"").Select(match => match.Groups[1].Value));
        Assert.Contains("<figcaption>loss: 2</figcaption>", page);
        Assert.DoesNotContain("a<b", page);
    }
}
