using System.Text.RegularExpressions;
using PhysIntuition.Vlm;

namespace PhysIntuition.Trainer.Study;

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
        Sample.Write(folder.Root, 2, [new Sample("T-v1", 7, "Where?", ["<b>4"], "5", 0.25, [1, 2, 3])]);
        Sample.Write(folder.Root, 1, [new Sample("T-v1", 6, "Where?", ["3"], "5", 0.25, [])]);

        var page = File.ReadAllText(CurvePage.Write(folder.Root));

        // Steps 1, 2, 3 at 58, 273, 488; losses 3, 1, 2 at the top, 24, the bottom, 214, half way. One value: centred.
        Assert.Equal(["273,119", "58,24 273,214 488,119"],
            Regex.Matches(page, "points=\"(.*?)\"").Select(match => match.Groups[1].Value));
        Assert.Contains("<figcaption>loss: 2</figcaption>", page);
        Assert.DoesNotContain("a<b", page);
        Assert.Contains("T-v1 7: 0.25", page);                                      // the latest step's
        Assert.Contains("&lt;b&gt;4<br>expert: 5", page);
        Assert.Contains("data:image/png;base64,AQID", page);
        Assert.DoesNotContain("T-v1 6", page);
    }
}
