namespace PhysIntuition.Rendering.Tests;

/// <summary>Values that were looked at before they were committed.</summary>
/// <remarks>Set PHYSINTUITION_UPDATE_GOLDEN=1 to write them anew, look at each, and explain the change.</remarks>
internal static class Golden
{
    /// <summary>The file's bytes are these.</summary>
    public static void AssertBytes(string file, byte[] bytes)
    {
        var path = Path.Combine(Folder(), file);
        if (Environment.GetEnvironmentVariable("PHYSINTUITION_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllBytes(path, bytes);
        }

        Assert.Equal(File.ReadAllBytes(path), bytes);
    }

    /// <summary>The file has this one line.</summary>
    public static void AssertText(string file, string line) =>
        AssertBytes(file, System.Text.Encoding.UTF8.GetBytes(line + '\n'));

    private static string Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PhysIntuition.sln")))
            {
                return Path.Combine(folder.FullName, "tests", "PhysIntuition.Rendering.Tests", "Golden");
            }
        }

        throw new DirectoryNotFoundException("The repository's root is not above the test program.");
    }
}
