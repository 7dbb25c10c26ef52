using System.Text.RegularExpressions;
using PhysIntuition.Server.Hosting;

namespace PhysIntuition.Server.Tests;

/// <summary>What docs/operations.md and packaging/ say is so.</summary>
public sealed partial class OperationsTests
{
    [Fact]
    public void SettingsTable_InTheDocumentation_IsFresh()
    {
        const string begin = "<!-- serve --settings -->\n", end = "<!-- end -->";
        var text = File.ReadAllText(Repository.At("docs/operations.md"));
        var from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var kept = text[from..text.IndexOf(end, StringComparison.Ordinal)];

        Assert.True(SettingsTable.Write() == kept,
            "docs/operations.md is stale: put there what `./physintuition serve --settings` prints.");
    }

    [Fact]
    public void SettingsTable_EveryRow_HasAMeaning() =>
        Assert.DoesNotContain("|  |\n", SettingsTable.Write());

    [Theory]
    [InlineData("Dockerfile")]
    [InlineData("packaging/physintuition.service")]
    [InlineData("packaging/kubernetes/server.yaml")]
    public void Packaging_EveryVariable_IsASetting(string file)
    {
        var table = SettingsTable.Write();
        var variables = Variable().Matches(File.ReadAllText(Repository.At(file))).Select(match => match.Value);

        Assert.NotEmpty(variables);
        Assert.All(variables, variable => Assert.Contains($"`{variable}`", table));
    }

    [GeneratedRegex("PHYSINTUITION_[A-Z]+__[A-Z]+")]
    private static partial Regex Variable();
}
