using System.Text.RegularExpressions;

namespace PhysIntuition.Architecture.Tests;

/// <summary>House rules that a reader of any file may rely on.</summary>
public sealed partial class SourceTests
{
    private const int LongestFile = 500;
    private const int LongestKernel = 800;
    private const int LongestLine = 120;

    private static IEnumerable<string> Sources =>
        Repository.Sources("server/", "clients/", "trainer/", "tests/", "proto/")
            .Where(file => !file.Contains("/Generated/", StringComparison.Ordinal));

    [Fact]
    public void Files_AreShortEnoughToBeReadWhole()
    {
        var tooLong =
            from file in Sources
            let lines = Repository.Lines(file).Length
            where lines > (file.Contains("Kernel", StringComparison.Ordinal) ? LongestKernel : LongestFile)
            select $"{file} has {lines} lines. Split it by concern.";

        AssertNone(tooLong);
    }

    [Fact]
    public void Lines_FitBesideOneAnother() =>
        AssertNone(Offences(line => line.Length > LongestLine));

    [Fact]
    public void Files_HaveNoRegionNoOpenEndsAndNoDeadCode() =>
        AssertNone(Offences(line => OpenEnd().IsMatch(line) || DeadCode().IsMatch(line)));

    [Fact]
    public void Simulation_CallsNothingWhoseBitsDependOnTheMachine() =>
        AssertNoBannedCalls("server/PhysIntuition.Simulation/");

    [Fact]
    public void Rendering_CallsNothingWhoseBitsDependOnTheMachine() =>
        AssertNoBannedCalls("server/PhysIntuition.Rendering/");

    [Fact]
    public void Environments_CallNothingWhoseBitsDependOnTheMachine() =>
        AssertNoBannedCalls("server/PhysIntuition.Environments/");

    [Fact]
    public void TextFiles_NameNoFolderOrRegistryOfOneMachine()
    {
        string[] texts = [".cs", ".md", ".py", ".ts", ".go", ".cpp", ".h", ".proto", ".sh", ".json", ".yml", ".yaml"];
        var offenders = Repository.Files
            .Where(file => texts.Contains(Path.GetExtension(file)))
            .Where(file => !file.EndsWith("SourceTests.cs", StringComparison.Ordinal))
            .Where(file => MachinePath().IsMatch(Repository.Read(file)));

        AssertNone(offenders);
    }

    private static void AssertNone(IEnumerable<string> offences)
    {
        var list = string.Join('\n', offences);
        Assert.True(list.Length == 0, list);
    }

    // This file names the very patterns that it forbids.
    private static IEnumerable<string> Offences(Func<string, bool> isOffence) =>
        from file in Sources
        where !file.EndsWith("SourceTests.cs", StringComparison.Ordinal)
        from line in Repository.Lines(file).Select((text, index) => (Text: text, Number: index + 1))
        where isOffence(line.Text)
        select $"{file}:{line.Number}: {line.Text.Trim()}";

    private static void AssertNoBannedCalls(string folder)
    {
        var offences =
            from file in Repository.Sources(folder)
            from line in Repository.Lines(file).Select((text, index) => (Text: text, Number: index + 1))
            where !line.Text.TrimStart().StartsWith("//", StringComparison.Ordinal) && BannedCall().IsMatch(line.Text)
            select $"{file}:{line.Number}: {line.Text.Trim()}";

        AssertNone(offences);
    }

    [GeneratedRegex(@"#region|\bTODO\b|\bFIXME\b|\bHACK\b|NotImplementedException")]
    private static partial Regex OpenEnd();

    [GeneratedRegex(@"^\s*//(?!/).*;\s*$")]
    private static partial Regex DeadCode();

    [GeneratedRegex(@"MathF?\.(Sin|Cos|Tan|Exp|Log|Log2|Log10|Pow|Atan2|Atan|Asin|Acos|Cbrt|SinCos)\(|\w+Estimate\(" +
        @"|System\.Random\b|Random\.Shared|new Random\(|Guid\.NewGuid|DateTime\.(Now|UtcNow)")]
    private static partial Regex BannedCall();

    [GeneratedRegex(@"/home/\w+/|/root/|""resolved"": ""https?:")]
    private static partial Regex MachinePath();
}
