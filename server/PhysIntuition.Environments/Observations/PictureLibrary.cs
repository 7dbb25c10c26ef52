using System.Collections.Concurrent;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Observations;

/// <summary>
/// Folders of pictures that tasks may show, by name. Whoever runs the process names them; a client can only choose
/// among the names, never a path.
/// </summary>
public static class PictureLibrary
{
    private static readonly ConcurrentDictionary<string, PictureFolder> s_folders =
        new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names of all folders, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names => [.. s_folders.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Opens a folder under a name; replaces an earlier one of that name.</summary>
    /// <param name="name">What the option <c>pictures</c> calls it.</param>
    /// <param name="path">A folder with PNG files, and perhaps labels.csv: image,falls with falls 0 or 1.</param>
    /// <exception cref="PhysIntuitionException">The folder is missing, empty, or its labels cannot be read.</exception>
    public static PictureFolder Add(string name, string path) => s_folders[name] = PictureFolder.Open(name, path);

    /// <summary>The folder of a name.</summary>
    /// <exception cref="PhysIntuitionException">There is none of that name.</exception>
    public static PictureFolder Find(string name) => s_folders.TryGetValue(name, out var folder)
        ? folder
        : throw new PhysIntuitionException(Fault.NotFound, "options.pictures",
            $"'pictures' is '{name}'; the folders known here are: {string.Join(", ", Names)}. Choose one of these, or "
            + "have the server's owner add the folder.");
}
