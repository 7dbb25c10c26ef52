namespace PhysIntuition.TestKit;

/// <summary>The checkout that a test or a benchmark runs in.</summary>
public static class Repository
{
    private const string Solution = "PhysIntuition.sln";

    /// <summary>The folder that holds the solution; null where the program runs outside a checkout.</summary>
    public static string? RootOrNull { get; } = Above(Solution);

    /// <summary>The folder that holds the solution.</summary>
    /// <exception cref="InvalidOperationException">The program runs outside a checkout.</exception>
    public static string Root => RootOrNull
        ?? throw new InvalidOperationException($"There is no {Solution} above {AppContext.BaseDirectory}.");

    /// <summary>The whole path of a file or folder of the repository.</summary>
    /// <param name="relative">From the root, forward slashes.</param>
    public static string At(string relative) => Path.Combine(Root, relative);

    /// <summary>The whole path of reference data beside the repository, whether it is there or not.</summary>
    /// <param name="relative">From the folder of data, forward slashes.</param>
    public static string SharedData(string relative) =>
        Path.GetFullPath(Path.Combine(Root, "..", "shared", "data", relative));

    /// <summary>The nearest folder above the program that holds a file; null: none does.</summary>
    public static string? Above(string file)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, file)))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
