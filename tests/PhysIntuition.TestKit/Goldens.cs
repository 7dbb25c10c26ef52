using System.Text;

namespace PhysIntuition.TestKit;

/// <summary>Values that were looked at before they were committed.</summary>
/// <remarks>Set PHYSINTUITION_UPDATE_GOLDEN=1 to write them anew, look at each, and explain the change.</remarks>
public static class Goldens
{
    private static readonly bool s_isUpdate =
        Environment.GetEnvironmentVariable("PHYSINTUITION_UPDATE_GOLDEN") == "1";

    /// <summary>The bytes that were kept; with the update asked for, these very ones, which it keeps.</summary>
    /// <param name="file">From the repository's root, forward slashes.</param>
    /// <param name="bytes">What is to be compared with them.</param>
    public static byte[] Bytes(string file, byte[] bytes)
    {
        var path = Repository.At(file);
        if (s_isUpdate)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
        }

        return File.ReadAllBytes(path);
    }

    /// <summary>The text that was kept, see <see cref="Bytes"/>.</summary>
    /// <param name="file">From the repository's root, forward slashes.</param>
    /// <param name="text">What is to be compared with it.</param>
    public static string Text(string file, string text) =>
        Encoding.UTF8.GetString(Bytes(file, Encoding.UTF8.GetBytes(text)));
}
