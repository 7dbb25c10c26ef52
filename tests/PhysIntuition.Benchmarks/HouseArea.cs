using System.CommandLine;
using System.Diagnostics;
using System.Text.RegularExpressions;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks;

/// <summary>The size of the code: what a newcomer has to find their way in.</summary>
internal sealed partial class HouseArea : IArea
{
    private const int FewestFiles = 5;   // a folder with fewer needs a reason
    private const string Tests = "tests/", TestsEnd = ".Tests";

    private readonly Option<DirectoryInfo?> _checkout = new("--checkout")
    {
        Description = "Measure another checkout.",
    };

    private readonly Option<string?> _since = new("--since")
    {
        Description = "Count also what is left of a commit: files that git does not call new (40 % alike is a rename).",
    };

    /// <inheritdoc/>
    public string Name => "house";

    /// <inheritdoc/>
    public string Summary => "Projects, files, folders, lines, test lines per source line, type names used twice.";

    /// <inheritdoc/>
    public string? CheckoutOption => _checkout.Name;

    /// <inheritdoc/>
    public void Configure(Command command)
    {
        command.Options.Add(_checkout);
        command.Options.Add(_since);
    }

    /// <inheritdoc/>
    public Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        var root = arguments.GetValue(_checkout)?.FullName ?? Root();
        string[] files = Tracked(root);
        var sources = files.Where(file => Path.GetExtension(file) == ".cs")
            .Select(file => (Path: file, Text: File.ReadAllText(Path.Combine(root, file)))).ToArray();
        var folders = sources.GroupBy(source => Path.GetDirectoryName(source.Path)!).ToArray();
        figures.Add("projects", files.Count(file => Path.GetExtension(file) == ".csproj"), "", Mark.AtMost(22));
        figures.Add("cs_files", sources.Length);
        figures.Add("cs_folders", folders.Length, "", Mark.AtMost(95));
        figures.Add("cs_folders_below_five_files", folders.Count(folder => folder.Count() < FewestFiles));
        figures.Add("cs_lines_product", sources.Where(source => !IsTest(source.Path)).Sum(LinesOf));
        figures.Add("cs_lines_tests", sources.Where(source => IsTest(source.Path)).Sum(LinesOf));
        if (arguments.GetValue(_since) is { } since)
        {
            var added = Git(root, "diff", "--name-only", "-M40", "-l20000", "--diff-filter=A", since, "--", "*.cs");
            var kept = sources.ExceptBy(added, source => source.Path).ToArray();
            figures.Add("cs_files_kept", kept.Length, "", Mark.AtMost(700));
            figures.Add("cs_lines_product_kept", kept.Where(source => !IsTest(source.Path)).Sum(LinesOf), "",
                Mark.AtMost(44_000));
        }

        AddProjects(figures, root, files, sources);
        AddNames(figures, sources);
        AddWalks(figures, root);
        return Task.CompletedTask;
    }

    private static void AddProjects(
        Figures figures, string root, string[] files, (string Path, string Text)[] sources)
    {
        string[] projects =
            [.. files.Where(file => Path.GetExtension(file) == ".csproj").Order(StringComparer.Ordinal)];
        foreach (var project in projects.Where(project => !IsTest(project)))
        {
            var name = Path.GetFileNameWithoutExtension(project);
            var own = LinesUnder(Path.GetDirectoryName(project)!);
            figures.Add($"{name}_lines", own);
            string[] tests = [.. projects.Where(IsTest).Where(test => IsTestOf(name, test, root))];
            if (tests.Length > 0)
            {
                figures.Add($"{name}_test_ratio", tests.Sum(test => LinesUnder(Path.GetDirectoryName(test)!))
                    / (double)own, "", Mark.AtLeast(0.6));
            }
        }

        int LinesUnder(string folder) =>
            sources.Where(source => source.Path.StartsWith(folder + "/", StringComparison.Ordinal)).Sum(LinesOf);
    }

    private static void AddNames(Figures figures, (string Path, string Text)[] sources)
    {
        string[] twice = [.. sources.Where(source => !IsTest(source.Path))
            .SelectMany(source => TypeName().Matches(source.Text).Select(match => match.Groups[1].Value).Distinct()
                .Select(name => (Name: name, Project: string.Join('/', source.Path.Split('/').Take(2)))))
            .Distinct()
            .GroupBy(type => type.Name)
            .Where(types => types.Count() > 1)
            .Select(types => types.Key).Order(StringComparer.Ordinal)];
        figures.Add("type_names_in_several_projects", twice.Length);
        figures.Add("type_names_in_several_projects_list", string.Join(' ', twice));
    }

    // What the page of the house lists, of which a test checks that each names the next.
    private static void AddWalks(Figures figures, string root)
    {
        var page = Path.Combine(root, "docs/architecture.md");
        foreach (var walk in File.Exists(page) ? File.ReadAllText(page).Split("\n### ").Skip(1) : [])
        {
            var types = walk.Split("\n## ")[0].Split('\n').Count(line => WalkEntry().IsMatch(line));
            if (types > 0)
            {
                var name = walk.Split('\n')[0].ToLowerInvariant().Replace(' ', '_').Replace("-", "");
                figures.Add($"walk_{name}_types", types, "", Mark.AtMost(18));
            }
        }
    }

    // Its own test project, and what else under tests/ references it alone.
    private static bool IsTestOf(string library, string test, string root)
    {
        var name = Path.GetFileNameWithoutExtension(test);
        if (name.EndsWith(TestsEnd, StringComparison.Ordinal))
        {
            return name[..^TestsEnd.Length] == library;
        }

        var references = Reference().Matches(File.ReadAllText(Path.Combine(root, test)))
            .Select(match => match.Groups[1].Value);
        return references.SequenceEqual([library]);
    }

    private static bool IsTest(string path) => path.StartsWith(Tests, StringComparison.Ordinal);

    private static int LinesOf((string Path, string Text) source) => source.Text.Count(letter => letter == '\n');

    private static string Root() =>
        Repository.RootOrNull ?? throw new SkippedException("This program runs outside a checkout.");

    private static string[] Tracked(string root) => [.. Git(root, "ls-files").Where(file =>
        File.Exists(Path.Combine(root, file)) && !file.Contains("/Generated/", StringComparison.Ordinal))];

    private static string[] Git(string root, params string[] words)
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", root, .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var complaint = git.StandardError.ReadToEndAsync();
        var lines = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        return git.ExitCode == 0 ? lines : throw new SkippedException($"git says: {complaint.Result.Trim()}");
    }

    [GeneratedRegex(@"^\d+\. `[^`]+\.cs`")]
    private static partial Regex WalkEntry();

    [GeneratedRegex(@"ProjectReference Include=""[^""]*/([^/""]+)\.csproj""")]
    private static partial Regex Reference();

    [GeneratedRegex(@"^(?:public|internal)(?: \w+)* (?:class|struct|record|record struct|interface|enum) (\w+)",
        RegexOptions.Multiline)]
    private static partial Regex TypeName();
}
