namespace PhysIntuition.Rendering.Tests;

/// <summary>Values that were looked at before they were committed, see <see cref="Goldens"/>.</summary>
internal static class Golden
{
    private const string Folder = "tests/PhysIntuition.Rendering.Tests/Golden/";

    /// <summary>The file's bytes are these.</summary>
    public static void AssertBytes(string file, byte[] bytes) =>
        Assert.Equal(Goldens.Bytes(Folder + file, bytes), bytes);

    /// <summary>The file has this one line.</summary>
    public static void AssertText(string file, string line) =>
        AssertBytes(file, System.Text.Encoding.UTF8.GetBytes(line + '\n'));
}
