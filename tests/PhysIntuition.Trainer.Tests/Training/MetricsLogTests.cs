using System.Text.Json.Nodes;
using PhysIntuition.Vlm;

namespace PhysIntuition.Trainer.Training;

public sealed class MetricsLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_Values_IsOneSortedLinePerStep()
    {
        using (var log = new MetricsLog(_folder.Root, fromStep: 0))
        {
            log.Write(1, new Dictionary<string, double> { ["loss"] = 0.1, ["a/b"] = double.NaN });
        }

        Assert.Equal("{\"step\":1,\"a/b\":null,\"loss\":0.1}\n", File.ReadAllText(_folder.At("metrics.jsonl")));
    }

    [Fact]
    public void Open_ResumedRun_DropsWhatCameAfterTheCheckpoint()
    {
        WriteSteps(0, 1, 2, 3, 4);
        File.AppendAllText(_folder.At("metrics.jsonl"), "{\"step\":5,\"lo");   // a crash cut this line

        WriteSteps(2, 3);

        Assert.Equal(["{\"step\":1,\"loss\":1}", "{\"step\":2,\"loss\":2}", "{\"step\":3,\"loss\":3}"],
            File.ReadAllLines(_folder.At("metrics.jsonl")));
    }

    [Fact]
    public void Open_HalfALineInTheMiddle_KeepsWhatFollows()
    {
        WriteSteps(0, 1, 2);
        File.AppendAllText(_folder.At("metrics.jsonl"), "{\"step\":3,\"lo\n[]\n{}\n");
        WriteSteps(3, 4);   // as a crash and a resume at step 3 left it

        WriteSteps(4, 5);

        Assert.Equal([1, 2, 4, 5], File.ReadAllLines(_folder.At("metrics.jsonl"))
            .Select(line => (int)JsonNode.Parse(line)!["step"]!));
    }

    private void WriteSteps(long from, params long[] steps)
    {
        using var log = new MetricsLog(_folder.Root, from);
        foreach (var step in steps)
        {
            log.Write(step, new Dictionary<string, double> { ["loss"] = step });
        }
    }
}
