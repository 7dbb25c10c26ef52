using System.Globalization;

namespace PhysIntuition.Server.Batches;

/// <summary>How many files and connections may be open at once: where no descriptor is left, the runtime ends the
/// process.</summary>
internal static class Descriptors
{
    private const int Spare = 64;   // for assemblies, databases and pipes that are opened later
    private const string Folder = "/proc/self/fd";

    /// <summary>What <c>ulimit -n</c> says; as many as there are numbers where the system does not tell.</summary>
    public static int Limit { get; } = ReadLimit();

    /// <summary>Connections that leave room for everything else.</summary>
    public static int ForConnections { get; } = Left() / 4 * 3;

    /// <summary>Files of shared memory that leave room for everything else.</summary>
    public static int ForSharedMemory { get; } = Left() / 4;

    private static int Left() =>
        Math.Max(4, Limit - Spare - (Directory.Exists(Folder) ? Directory.GetFileSystemEntries(Folder).Length : 0));

    private static int ReadLimit()
    {
        const string file = "/proc/self/limits", name = "Max open files";
        var line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            : null;
        var soft = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : int.MaxValue;
    }
}
