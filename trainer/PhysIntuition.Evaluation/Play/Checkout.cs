namespace PhysIntuition.Evaluation.Play;

/// <summary>Where the other programs of this checkout lie.</summary>
internal static class Checkout
{
    /// <summary>The folder with PhysIntuition.sln.</summary>
    public static string Root { get; } = Find();

    /// <summary>The built program of a project.</summary>
    public static string Program(string project)
    {
        var path = Path.Combine(Root, "artifacts", "bin", project, "release", $"{project}.dll");
        return File.Exists(path) ? path : throw new PlayException($"{project} is not built. Run ./physintuition demo.");
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PhysIntuition.sln")))
            {
                return folder.FullName;
            }
        }

        throw new PlayException("This program runs inside a checkout: no PhysIntuition.sln above it.");
    }
}

/// <summary>A failure to be told in one sentence.</summary>
internal sealed class PlayException(string message) : Exception(message);
