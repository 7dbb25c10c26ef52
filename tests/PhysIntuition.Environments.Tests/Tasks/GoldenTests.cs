using System.Globalization;
using System.Text;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Scene and outcome hashes of 64 seeds of every task.</summary>
/// <remarks>
/// A change here changes everybody's results: raise the task's version, or say in the commit what changed in the
/// physics. PHYSINTUITION_UPDATE_GOLDENS=1 rewrites the file.
/// </remarks>
public sealed class GoldenTests
{
    private const int Seeds = 64;

    public static TheoryData<string> Tasks => Given.Tasks;

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_SixtyFourSeeds_HasTheGoldenHashes(string task)
    {
        var batch = Given.Batch(task, Seeds, Split.Train);
        batch.Reset(0);
        var text = new StringBuilder();
        for (var i = 0; i < Seeds; i++)
        {
            var episode = batch.View.Episode(i);
            text.Append(CultureInfo.InvariantCulture, $"{i} {episode.SceneHash:x16} {episode.OutcomeHash:x16} "
                + $"{batch.View.Expert(i)}\n");
        }

        var path = Path.Combine(Folder(), task + ".txt");
        if (Environment.GetEnvironmentVariable("PHYSINTUITION_UPDATE_GOLDENS") == "1")
        {
            File.WriteAllText(path, text.ToString());
        }

        Assert.Equal(File.ReadAllText(path), text.ToString());
    }

    [Fact]
    public void Files_AreOneForEachTask()
    {
        var expected = TaskCatalog.All.Select(t => t.Spec.Id + ".txt").Where(f => f != "RealTowers-v1.txt").Order();

        Assert.Equal(expected, Directory.GetFiles(Folder(), "*.txt").Select(f => Path.GetFileName(f)).Order());
    }

    private static string Folder() =>
        Path.Combine(Given.Root, "tests", "PhysIntuition.Environments.Tests", "Tasks", "Goldens");
}
