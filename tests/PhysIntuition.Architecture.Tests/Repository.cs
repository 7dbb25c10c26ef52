using System.Diagnostics;

namespace PhysIntuition.Architecture.Tests;

/// <summary>The checkout that the tests read as text.</summary>
internal static class Repository
{
    public static string Root { get; } = TestKit.Repository.Root;

    /// <summary>Tracked files and new ones that git does not ignore, relative to the root, forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } = ListFiles();

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    public static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    public static IEnumerable<string> Sources(params string[] folders) => Files.Where(file =>
        file.EndsWith(".cs", StringComparison.Ordinal) &&
        folders.Any(folder => file.StartsWith(folder, StringComparison.Ordinal)));

    private static string[] ListFiles()
    {
        var git = new ProcessStartInfo("git", "ls-files --cached --others --exclude-standard")
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(git)!;
        var files = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return [.. files.Where(file => File.Exists(Path.Combine(Root, file)))];
    }
}
