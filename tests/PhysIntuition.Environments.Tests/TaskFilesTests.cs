using PhysIntuition.Environments.Datasets;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Tests;

/// <summary>What follows from the catalogue is in the repository as it follows.</summary>
/// <remarks>
/// Golden hashes among it: a change there changes everybody's results. Raise the task's version, or say in the commit
/// what changed in the physics. <c>./physintuition tasks --update</c> rewrites all.
/// </remarks>
public sealed class TaskFilesTests
{
    private static readonly Lazy<Dictionary<string, byte[]>> s_files =
        new(() => new TaskFiles(Given.Simulator, Given.Renderer).All().ToDictionary());

    public static TheoryData<string> Paths => [.. s_files.Value.Keys];

    [Theory]
    [MemberData(nameof(Paths))]
    public void All_FileInTheRepository_IsWhatTheCatalogueGives(string path)
    {
        var file = File.ReadAllBytes(Repository.At(path));

        if (path.EndsWith(".png", StringComparison.Ordinal))
        {
            Assert.Equal(s_files.Value[path], file);
        }
        else
        {
            // As text, so that a difference is shown.
            Assert.Equal(System.Text.Encoding.UTF8.GetString(s_files.Value[path]),
                System.Text.Encoding.UTF8.GetString(file));
        }
    }

    [Fact]
    public void All_FoldersOfTasks_HoldNothingElse() =>
        Assert.Empty(TaskFiles.Kept(Repository.Root).Except(s_files.Value.Keys));

    [Fact]
    public void Update_CopyWithAStaleAndALeftFile_MendsBothAndTellsThem()
    {
        var root = Directory.CreateTempSubdirectory("tasks").FullName;
        try
        {
            foreach (var (path, content) in s_files.Value)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
                File.WriteAllBytes(Path.Combine(root, path), content);
            }

            File.WriteAllText(Path.Combine(root, "docs/tasks/Offset-v1.md"), "stale");
            File.WriteAllText(Path.Combine(root, "docs/tasks/Gone-v1.md"), "left");

            var changed = new TaskFiles(Given.Simulator, Given.Renderer).Update(root);

            Assert.Equal(["docs/tasks/Offset-v1.md", "docs/tasks/Gone-v1.md"], changed);
            Assert.Equal(s_files.Value["docs/tasks/Offset-v1.md"],
                File.ReadAllBytes(Path.Combine(root, "docs/tasks/Offset-v1.md")));
            Assert.False(File.Exists(Path.Combine(root, "docs/tasks/Gone-v1.md")));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Given.Tasks), MemberType = typeof(Given))]
    public void Page_OfATask_SaysWhatItSeesActsScoresAndHowItEnds(string id)
    {
        var (page, manual) = (TaskPages.Page(TaskCatalog.Find(id)), TaskPages.Manual(TaskCatalog.Find(id)));

        Assert.All((string[])["- Sees: ", "- Acts: ", "- Scores: ", "- Ends: ", "- v1: ", "## Answer", "## Scores"],
            part => Assert.Contains(part, manual, StringComparison.Ordinal));
        Assert.Contains("## Options, with their defaults", page, StringComparison.Ordinal);
        Assert.DoesNotContain(".png", manual, StringComparison.Ordinal);
    }
}
