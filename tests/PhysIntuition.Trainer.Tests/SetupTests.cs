using System.Diagnostics;
using PhysIntuition.Vlm;

namespace PhysIntuition.Trainer;

/// <summary>./physintuition setup cuda, in a copy of the checkout's project files.</summary>
public sealed class SetupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Cuda_WithoutTheDriver_FailsWithOneSentence()
    {
        var (status, said) = await SetUpCuda(hasDriver: false);

        Assert.Equal((1, "physintuition: nvidia-smi is missing: install NVIDIA's driver, 570 or newer.\n"),
            (status, said));
    }

    [Fact]
    public async Task Cuda_FromASourceWithoutThePackage_FailsWithOneSentenceAndKeepsTheCpu()
    {
        var (status, said) = await SetUpCuda(hasDriver: true);

        Assert.Equal(1, status);
        Assert.StartsWith("physintuition: TorchSharp-cuda-linux did not restore from this machine's package sources: "
            + "add nuget.org, or set LIBTORCH to the folder of a libtorch 2.10 for CUDA; see ", said.Split('\n')[1]);
        Assert.Equal(3, said.Split('\n').Length);   // what it fetches, the sentence, and nothing behind it
        Assert.False(File.Exists(_folder.At("artifacts/stamps/torch")));
        Assert.Contains("TorchSharp-cuda-linux", File.ReadAllText(_folder.At("artifacts/logs/restore-cuda.log")));
    }

    private async Task<(int Status, string Said)> SetUpCuda(bool hasDriver)
    {
        CopyProjects();
        var bin = Directory.CreateDirectory(_folder.At("path")).FullName;
        File.CreateSymbolicLink(Path.Combine(bin, "dirname"), "/usr/bin/dirname");   // all that is run before the check
        Directory.CreateDirectory(_folder.At("no-packages"));
        if (hasDriver)
        {
            File.WriteAllText(Path.Combine(bin, "nvidia-smi"), "#!/bin/sh\n");
            File.SetUnixFileMode(Path.Combine(bin, "nvidia-smi"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var start = new ProcessStartInfo("bash", ["physintuition", "setup", "cuda"])
        {
            WorkingDirectory = _folder.Root,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = hasDriver ? $"{bin}:{Environment.GetEnvironmentVariable("PATH")}" : bin;
        start.Environment["RestoreSources"] = _folder.At("no-packages");
        start.Environment.Remove("LIBTORCH");
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var said = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, said);
    }

    private void CopyProjects()
    {
        string[] files =
        [
            "physintuition", "global.json", "Directory.Build.props", "Directory.Build.targets",
            "Directory.Packages.props", "trainer/torch.targets", "trainer/WeakenMissingVersions.cs",
        ];
        var projects = ((string[])["trainer", "server", "clients/csharp", "proto"]).SelectMany(folder =>
            Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories));
        foreach (var file in projects.Select(path => Path.GetRelativePath(Repository.Root, path)).Concat(files))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.At(file))!);
            File.Copy(Path.Combine(Repository.Root, file), _folder.At(file));
        }
    }
}
