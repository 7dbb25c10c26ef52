using System.Text.Json;
using System.Xml.Linq;

namespace PhysIntuition.Architecture.Tests;

/// <summary>What comes from NuGet: named where it is used, and with its licence in NOTICE.</summary>
public sealed class PackageTests
{
    [Fact]
    public void PackageVersions_AreAllOfPackagesThatAProjectReferences()
    {
        var used = Repository.Files
            .Where(file => Path.GetExtension(file) is ".csproj" or ".targets")
            .SelectMany(file => XDocument.Parse(Repository.Read(file)).Descendants("PackageReference"))
            .Select(reference => (string?)reference.Attribute("Include"));
        var versions = XDocument.Parse(Repository.Read("Directory.Packages.props")).Descendants("PackageVersion")
            .Select(version => (string?)version.Attribute("Include"));

        Assert.Equal(versions.Order(StringComparer.OrdinalIgnoreCase),
            used.Distinct().Order(StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public void Notice_NamesEveryPackageOfTheProduct()
    {
        var named = Repository.Lines("NOTICE").Select(line => line.Split('|')[0].Trim())
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var packages = Directory.GetDirectories(Path.Combine(Repository.Root, "artifacts/obj"))
            .Where(folder => !IsTest(Path.GetFileName(folder)))
            .Select(folder => Path.Combine(folder, "project.assets.json"))
            .Where(File.Exists)
            .SelectMany(Packages)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .ToList();

        Assert.NotEmpty(packages);
        Assert.Empty(packages.Where(package => !named.Contains(package)).Order(StringComparer.Ordinal));
    }

    private static bool IsTest(string project) =>
        Repository.Files.Any(file => file.StartsWith("tests/", StringComparison.Ordinal) &&
            file.EndsWith($"/{project}.csproj", StringComparison.Ordinal)) ||
        !Repository.Files.Any(file => file.EndsWith($"/{project}.csproj", StringComparison.Ordinal));

    private static IEnumerable<string> Packages(string assets)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(assets));
        return [.. document.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package")
            .Select(library => library.Name.Split('/')[0])];
    }
}
