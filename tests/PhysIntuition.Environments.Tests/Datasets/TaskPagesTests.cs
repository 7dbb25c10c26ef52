using PhysIntuition.Environments.Datasets;

namespace PhysIntuition.Environments.Tests.Datasets;

/// <summary>docs/tasks is what the sources say; PHYSINTUITION_UPDATE_DOCS=1 rewrites it.</summary>
public sealed class TaskPagesTests
{
    private static readonly string s_folder = Path.Combine(Given.Root, "docs", "tasks");

    [Fact]
    public void All_PagesInTheRepository_AreFresh()
    {
        if (Environment.GetEnvironmentVariable("PHYSINTUITION_UPDATE_DOCS") == "1")
        {
            new TaskPages(Given.Simulator, Given.Renderer).Write(s_folder);
        }

        foreach (var (name, text) in TaskPages.All())
        {
            Assert.Equal(text, File.ReadAllText(Path.Combine(s_folder, name)));
            Assert.Contains(name == "README.md" ? "| task |" : "Ends:", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Strip_InTheRepository_IsFresh(string task) => Assert.Equal(
        new TaskPages(Given.Simulator, Given.Renderer).Strip(Environments.Tasks.TaskCatalog.Find(task)),
        File.ReadAllBytes(Path.Combine(s_folder, task + ".png")));

    public static TheoryData<string> Tasks => Given.Tasks;
}
