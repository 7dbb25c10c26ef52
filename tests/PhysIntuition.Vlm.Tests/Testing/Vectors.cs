using System.Text.Json;

namespace PhysIntuition.Vlm.Testing;

/// <summary>Reference vectors beside the repository; where they are absent a test is skipped with a reason.</summary>
internal static class Vectors
{
    /// <summary>The folder that holds the solution.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The full path of a vector file or folder, for example "vlm/rl/sampling.json".</summary>
    public static string At(string relative)
    {
        var path = Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared", "data", relative));
        Assert.SkipUnless(Path.Exists(path), $"reference vectors are absent: {path}");
        return path;
    }

    /// <summary>A parsed vector file.</summary>
    public static JsonElement Json(string relative)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(At(relative)));
        return document.RootElement.Clone();
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "PhysIntuition.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("No PhysIntuition.sln above the tests.");
        }

        return folder.FullName;
    }
}
