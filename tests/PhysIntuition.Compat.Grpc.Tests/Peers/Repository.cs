namespace PhysIntuition.Compat.Grpc.Tests.Peers;

/// <summary>Finds what lies in the repository beside the build output.</summary>
internal static class Repository
{
    /// <summary>A path below the repository's root, which is where the solution lies.</summary>
    internal static string Find(string relativePath)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PhysIntuition.sln")))
            {
                return Path.Combine(folder.FullName, relativePath);
            }
        }

        throw new InvalidOperationException("PhysIntuition.sln is in no folder above the tests.");
    }
}
