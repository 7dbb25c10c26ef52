using System.Collections;
using System.IO.Compression;
using System.Text;
using Microsoft.Build.Framework;

namespace PhysIntuition.Vlm;

/// <summary>What the build does so that libtorch loads, and what it leaves in the output folder.</summary>
public sealed class WeakenMissingVersionsTests : IDisposable
{
    private const string Asked = "GLIBCXX_3.4.32", NotAsked = "GLIBCXX_3.4.28";

    private readonly TemporaryFolder _folder = new();
    private readonly Engine _engine = new();

    public WeakenMissingVersionsTests() => NativeTorch.Require();

    private static string Output => AppContext.BaseDirectory;

    private static string Package => Path.GetFullPath(
        "../../..", File.ResolveLinkTarget(Path.Combine(Output, "TorchSharp.dll"), returnFinalTarget: true)!.FullName);

    private static string Library => Path.Combine(Package, "runtimes/linux-x64/native/libLibTorchSharp.so");

    [Fact]
    public void Execute_LibstdcxxThatLacksAVersion_MarksThatNeedInACopyAndSaysSoOnce()
    {
        var before = File.ReadAllBytes(Library);

        var first = Run(Provider(lacks: true));
        var second = Run(Provider(lacks: true));

        var copy = File.ReadAllBytes(_folder.At("native/copy.so"));
        var changed = Assert.Single(Enumerable.Range(0, copy.Length), i => copy[i] != before[i]);
        var need = Assert.Single(ElfVersions.Asked(before, "libstdc++.so.6"), need => need.Name == Asked);
        Assert.Equal((need.FlagsAt, ElfVersions.Weak), (changed, copy[changed]));
        Assert.Equal([_folder.At("native/copy.so"), _folder.At("native/copy.so")], [first, second]);
        Assert.Contains(Asked, Assert.Single(_engine.Lines));
        Assert.Equal(before, File.ReadAllBytes(Library));
    }

    [Fact]
    public void Execute_LibstdcxxThatOffersAll_TakesThePackagesFileInSilence()
    {
        Assert.Equal(Library, Run(Provider(lacks: false)));

        Assert.Empty(_engine.Lines);
        Assert.False(Directory.Exists(_folder.At("native")));
    }

    [Fact]
    public void Package_InTheCache_IsAsItWasDownloaded()
    {
        using var archive = ZipFile.OpenRead(Directory.GetFiles(Package, "*.nupkg").Single());
        using var stream = archive.GetEntry("runtimes/linux-x64/native/libLibTorchSharp.so")!.Open();
        using var downloaded = new MemoryStream();
        stream.CopyTo(downloaded);

        Assert.Equal(downloaded.ToArray(), File.ReadAllBytes(Library));
    }

    [Fact]
    public void OutputFolder_NativeLibraries_AreLinksForThisPlatformAlone()
    {
        var libraries = Directory.GetFiles(Output, "lib*.so*");

        Assert.Contains(libraries, path => path.EndsWith("/libtorch_cpu.so", StringComparison.Ordinal));
        Assert.All(libraries, path => Assert.NotNull(new FileInfo(path).LinkTarget));
        Assert.False(Directory.Exists(Path.Combine(Output, "runtimes")));
    }

    public void Dispose() => _folder.Dispose();

    private string Run(string provider)
    {
        var task = new WeakenMissingVersions
        {
            BuildEngine = _engine, Library = Library, Copy = _folder.At("native/copy.so"), Provider = provider,
        };
        Assert.True(task.Execute());
        return task.Result;
    }

    /// <summary>The system's libstdc++ with one version's name written over another's of the same length.</summary>
    private string Provider(bool lacks)
    {
        var path = File.ReadLines("/proc/self/maps").First(line => line.Contains("/libstdc++.so.6")).Split(' ')[^1];
        var file = File.ReadAllBytes(path);
        Rename(file, lacks ? Asked : NotAsked, lacks ? "GLIBCXX_3.4.??" : Asked);
        var provider = _folder.At($"libstdc++-{lacks}.so");
        File.WriteAllBytes(provider, file);
        return provider;
    }

    private static void Rename(Span<byte> file, string name, string other)
    {
        for (int at; (at = file.IndexOf(Encoding.ASCII.GetBytes(name + "\0"))) >= 0;)
        {
            Encoding.ASCII.GetBytes(other, file[at..]);
        }
    }

    private sealed class Engine : IBuildEngine
    {
        public List<string> Lines { get; } = [];

        public bool ContinueOnError => false;

        public int LineNumberOfTaskNode => 0;

        public int ColumnNumberOfTaskNode => 0;

        public string ProjectFileOfTaskNode => "";

        public bool BuildProjectFile(string file, string[] targets, IDictionary properties, IDictionary outputs) =>
            throw new NotSupportedException();

        public void LogCustomEvent(CustomBuildEventArgs e) => throw new NotSupportedException();

        public void LogErrorEvent(BuildErrorEventArgs e) => throw new NotSupportedException();

        public void LogWarningEvent(BuildWarningEventArgs e) => throw new NotSupportedException();

        public void LogMessageEvent(BuildMessageEventArgs e) => Lines.Add(e.Message!);
    }
}
