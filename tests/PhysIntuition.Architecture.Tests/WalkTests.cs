using System.Text.RegularExpressions;

namespace PhysIntuition.Architecture.Tests;

/// <summary>The walks of docs/architecture.md lead along the code's own references.</summary>
public sealed partial class WalkTests
{
    private const int Walks = 4, MostFiles = 12;

    [Fact]
    public void Walks_OfTheArchitecture_FollowReferences()
    {
        var walks = Read();

        Assert.Equal(Walks, walks.Count);
        Assert.All(walks, walk => Assert.Equal([], Breaks(walk.Name, walk.Files)));
    }

    [Fact]
    public void Breaks_FileThatNobodyNames_AreFound() =>
        Assert.Single(Breaks("backwards", [
            "server/PhysIntuition.Simulation/Stages/ContactSolver.cs",
            "server/PhysIntuition.Simulation/Stages/WorldStep.cs"]));

    private static IEnumerable<string> Breaks(string name, string[] files)
    {
        if (files.Length is < 2 or > MostFiles)
        {
            yield return $"{name} has {files.Length} files";
        }

        for (var i = 0; i < files.Length; i++)
        {
            if (!Repository.Files.Contains(files[i]))
            {
                yield return $"{name}: there is no {files[i]}";
            }
            else if (i > 0 && !files.Take(i).Any(before => Leads(before, files[i])))
            {
                yield return $"{name}: nothing before it names {files[i]}";
            }
        }
    }

    private static bool Leads(string from, string to)
    {
        var (text, type) = (Code(from), Path.GetFileNameWithoutExtension(to));
        return Names(text, type) || Bases().Matches(Code(to))
            .SelectMany(bases => Interfaces().Matches(bases.Groups[1].Value)).Any(of => Names(text, of.Value));
    }

    private static bool Names(string text, string type) => Regex.IsMatch(text, $@"\b{type}\b");

    private static string Code(string file) => Comments().Replace(Repository.Read(file), "");

    private static List<(string Name, string[] Files)> Read() =>
        [.. Repository.Read("docs/architecture.md").Split("\n## ").Single(part => part.StartsWith("Four walks"))
            .Split("\n### ").Skip(1)
            .Select(walk => (walk.Split('\n')[0],
                Steps().Matches(walk).Select(step => step.Groups[1].Value).ToArray()))];

    [GeneratedRegex(@"^\d+\. `([^`]+)`: .+$", RegexOptions.Multiline)]
    private static partial Regex Steps();

    [GeneratedRegex(@"(?:class|struct)\s+\w+(?:<[^>]*>)?(?:\([^)]*\))?\s*:\s*([^{]+?)\s*(?:\bwhere\b|\{)")]
    private static partial Regex Bases();

    [GeneratedRegex(@"\bI[A-Z]\w+")]
    private static partial Regex Interfaces();

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex Comments();
}
