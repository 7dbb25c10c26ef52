using System.Text.RegularExpressions;

namespace PhysIntuition.Architecture.Tests;

/// <summary>House rules that a reader of any file may rely on.</summary>
public sealed partial class SourceTests
{
    private const int LongestFile = 500;
    private const int LongestKernel = 800;
    private const int LongestLine = 120;

    public static TheoryData<string> Sources =>
        [.. Repository.Sources("server/", "clients/", "trainer/", "compat/", "tests/", "proto/")
            .Where(file => !file.Contains("/Generated/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Sources))]
    public void File_HasFewEnoughAndShortEnoughLines(string file)
    {
        var lines = Repository.Lines(file);
        var limit = file.Contains("Kernel", StringComparison.Ordinal) ? LongestKernel : LongestFile;

        Assert.True(lines.Length <= limit, $"{file} has {lines.Length} lines; at most {limit}. Split it by concern.");
        for (var i = 0; i < lines.Length; i++)
        {
            Assert.True(
                lines[i].Length <= LongestLine,
                $"{file}:{i + 1} has {lines[i].Length} columns; at most {LongestLine}.");
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void File_HasNoRegionNoOpenEndsAndNoDeadCode(string file)
    {
        if (file.EndsWith("SourceTests.cs", StringComparison.Ordinal))
        {
            return; // Names the very patterns.
        }

        var lines = Repository.Lines(file);
        for (var i = 0; i < lines.Length; i++)
        {
            Assert.False(OpenEnd().IsMatch(lines[i]), $"{file}:{i + 1} leaves an open end: {lines[i].Trim()}");
            Assert.False(DeadCode().IsMatch(lines[i]), $"{file}:{i + 1} is commented-out code: {lines[i].Trim()}");
        }
    }

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
    public void EveryTextFile_SpeaksOfTheProjectAlone()
    {
        string[] texts = [".cs", ".md", ".py", ".ts", ".go", ".cpp", ".h", ".proto", ".sh", ".json", ".yml", ".yaml"];
        var offenders = Repository.Files
            .Where(file => texts.Contains(Path.GetExtension(file)))
            .Where(file => !file.EndsWith("SourceTests.cs", StringComparison.Ordinal))
            .Where(file => MachinePath().IsMatch(Repository.Read(file)));

        Assert.Empty(offenders);
    }

    private static void AssertNoBannedCalls(string folder)
    {
        var offences =
            from file in Repository.Sources(folder)
            from line in Repository.Lines(file).Select((text, index) => (Text: text, Number: index + 1))
            where !line.Text.TrimStart().StartsWith("//", StringComparison.Ordinal) && BannedCall().IsMatch(line.Text)
            select $"{file}:{line.Number}: {line.Text.Trim()}";

        Assert.Empty(offences);
    }

    [GeneratedRegex(@"#region|\bTODO\b|\bFIXME\b|\bHACK\b|NotImplementedException")]
    private static partial Regex OpenEnd();

    [GeneratedRegex(@"^\s*//(?!/).*;\s*$")]
    private static partial Regex DeadCode();

    [GeneratedRegex(@"MathF?\.(Sin|Cos|Tan|Exp|Log|Log2|Log10|Pow|Atan2|Atan|Asin|Acos|Cbrt|SinCos)\(|\w+Estimate\(" +
        @"|System\.Random\b|Random\.Shared|new Random\(|Guid\.NewGuid|DateTime\.(Now|UtcNow)")]
    private static partial Regex BannedCall();

    [GeneratedRegex(@"/work/(main|wt-|shared)|registry\.npmjs\.org|api\.nuget\.org|/root/")]
    private static partial Regex MachinePath();
}
