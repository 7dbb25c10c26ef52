namespace PhysIntuition.Vlm.Testing;

/// <summary>A fresh folder that goes when the test does.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("physintuition-").FullName;

    /// <summary>The folder itself.</summary>
    public string Root => _root;

    /// <summary>The path of an entry in the folder.</summary>
    public string At(string name) => Path.Combine(_root, name);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
