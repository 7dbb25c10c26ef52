using System.Xml.Linq;

namespace PhysIntuition.Architecture.Tests;

/// <summary>The arrows of docs/architecture.md, read from the project files.</summary>
public sealed class DependencyTests
{
    // Project -> the projects of ours that it may reference. Everything else is an error.
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["PhysIntuition.Simulation"] = [],
        ["PhysIntuition.Simulation.Bepu"] = ["PhysIntuition.Simulation"],
        ["PhysIntuition.Rendering"] = ["PhysIntuition.Simulation"],
        ["PhysIntuition.Environments"] = ["PhysIntuition.Simulation", "PhysIntuition.Rendering"],
        ["PhysIntuition.Leaderboard"] = ["PhysIntuition.Simulation", "PhysIntuition.Proto"],
        ["PhysIntuition.Proto"] = [],
        ["PhysIntuition.Calls"] =
        [
            "PhysIntuition.Simulation", "PhysIntuition.Rendering", "PhysIntuition.Environments", "PhysIntuition.Proto",
        ],
        ["PhysIntuition.Cluster"] = ["PhysIntuition.Calls", "PhysIntuition.Proto"],
        ["PhysIntuition.Embedded"] = ["PhysIntuition.Calls"],
        ["PhysIntuition.Server"] =   // BepuPhysics' adapter under -p:Bepu=true alone
        [
            "PhysIntuition.Simulation", "PhysIntuition.Simulation.Bepu", "PhysIntuition.Rendering",
            "PhysIntuition.Environments", "PhysIntuition.Calls", "PhysIntuition.Cluster", "PhysIntuition.Leaderboard",
            "PhysIntuition.Proto",
        ],
        ["PhysIntuition.Client"] = ["PhysIntuition.Proto"],
        ["PhysIntuition.Vlm"] = [],
        ["PhysIntuition.Evaluation"] =
        [
            "PhysIntuition.Client", "PhysIntuition.Calls", "PhysIntuition.Environments", "PhysIntuition.Leaderboard",
            "PhysIntuition.Rendering", "PhysIntuition.Simulation",
        ],
        ["PhysIntuition.Trainer"] =
        [
            "PhysIntuition.Evaluation", "PhysIntuition.Vlm", "PhysIntuition.Client", "PhysIntuition.Environments",
            "PhysIntuition.Simulation", "PhysIntuition.Rendering",
        ],
    };

    public static TheoryData<string> Projects =>
        [.. Repository.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_References_OnlyWhatItsLayerMaySee(string project)
    {
        if (project.StartsWith("tests/", StringComparison.Ordinal))
        {
            return; // Tests may see anything.
        }

        var name = Path.GetFileNameWithoutExtension(project);
        var references = References(project);

        Assert.True(s_allowed.ContainsKey(name), $"{name} has no row in the table of allowed references.");
        Assert.Empty(references.Except(s_allowed[name]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_OfTheProduct_NeverReferencesTests(string project)
    {
        if (project.StartsWith("tests/", StringComparison.Ordinal))
        {
            return;
        }

        Assert.DoesNotContain(References(project), reference =>
            reference.EndsWith(".Tests", StringComparison.Ordinal) || reference == "PhysIntuition.Benchmarks");
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_StandsInTheSolution_UnlessItIsOptional(string project)
    {
        const string optional = "PhysIntuition.Simulation.Bepu";
        var name = Path.GetFileName(project);
        var isOptional = Path.GetFileNameWithoutExtension(project) == optional;

        var solution = Repository.Read("PhysIntuition.sln");
        Assert.Equal(!isOptional, solution.Contains($"{name}\"", StringComparison.Ordinal));
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Parse(Repository.Read(project)).Descendants("ProjectReference")
            .Select(reference => ((string)reference.Attribute("Include")!).Replace('\\', '/'))
            .Select(path => Path.GetFileNameWithoutExtension(path));
}
