namespace PhysIntuition.TestKit;

/// <summary>A fresh folder that goes when the test does.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>The folder itself.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("physintuition-").FullName;

    /// <summary>The path of an entry in the folder.</summary>
    public string At(string name) => Path.Combine(Root, name);

    /// <summary>Deletes the folder with all that is in it.</summary>
    public void Dispose() => Directory.Delete(Root, recursive: true);
}
