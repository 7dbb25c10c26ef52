using System.Text.Json;

namespace PhysIntuition.Vlm;

/// <summary>Reference vectors beside the repository; where they are absent a test is skipped with a reason.</summary>
internal static class Vectors
{
    /// <summary>The full path of a vector file or folder, for example "vlm/rl/sampling.json".</summary>
    public static string At(string relative)
    {
        var path = Repository.SharedData(relative);
        Assert.SkipUnless(Path.Exists(path), $"reference vectors are absent: {path}");
        return path;
    }

    /// <summary>A parsed vector file.</summary>
    public static JsonElement Json(string relative)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(At(relative)));
        return document.RootElement.Clone();
    }
}
