using System.Diagnostics;
using PhysIntuition.Vlm;

namespace PhysIntuition.Trainer;

/// <summary>Which libtorch the program computes with, and what it says where there is none.</summary>
public sealed class TorchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TorchTests() => NativeTorch.Require();

    private static string Output => AppContext.BaseDirectory;

    private static string Libtorch => Path.GetDirectoryName(
        File.ResolveLinkTarget(Path.Combine(Output, "libtorch_cpu.so"), returnFinalTarget: true)!.FullName)!;

    [Fact]
    public async Task Train_OnCudaWithoutOne_FailsWithOneSentenceAndWritesNothing()
    {
        Assert.SkipWhen(TorchSharp.torch.cuda.is_available(), "This libtorch has CUDA and finds a GPU.");

        var (status, said) = await Train(Output, [], "--device", "cuda");

        Assert.Equal((1, "device is cuda, but this libtorch finds no GPU: run './physintuition setup cuda' where "
            + "NVIDIA's driver is installed, or take device cpu.\n"), (status, said));
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Fact]
    public async Task Train_OnADeviceThatNobodyKnows_NamesTheValueAndTheRule()
    {
        var (status, said) = await Train(Output, [], "--device", "cuda:x");

        Assert.Equal((2, "device is 'cuda:x'; must be cpu, cuda, or cuda:N for one of several GPUs.\n"),
            (status, said));
    }

    [Fact]
    public async Task Train_IdleThreads_GiveUpTheirCore()
    {
        // libgomp itself tells how often an idle thread asks for work before it sleeps.
        var (status, said) = await Train(Output, new() { ["OMP_DISPLAY_ENV"] = "VERBOSE", ["GOMP_SPINCOUNT"] = null });

        Assert.Equal(0, status);
        Assert.Contains("GOMP_SPINCOUNT = '300'", said);
    }

    [Fact]
    public async Task Train_LibtorchOfOnesOwn_ComputesWithIt()
    {
        var (status, said) = await Train(ProgramWithoutLibtorch(), new() { ["LIBTORCH"] = Libtorch });

        Assert.True(status == 0, said);
    }

    [Fact]
    public async Task Train_LibtorchOfAnotherVersion_FailsWithOneSentence()
    {
        // Any library without libtorch's functions: as those of 1.13, it cannot say a version.
        var own = Directory.CreateDirectory(_folder.At("own/lib")).Parent!.FullName;
        File.CreateSymbolicLink(
            Path.Combine(own, "lib/libtorch_cpu.so"), Directory.GetFiles(Libtorch, "libgomp*").Single());

        var (status, said) = await Train(ProgramWithoutLibtorch(), new() { ["LIBTORCH"] = own });

        Assert.Equal(
            (1, $"LIBTORCH is '{own}', a libtorch older than 2.9; must be 2.10, whose functions are called.\n"),
            (status, said));
    }

    [Fact]
    public async Task Train_LibtorchThatIsNotThere_FailsWithOneSentence()
    {
        var (status, said) = await Train(ProgramWithoutLibtorch(), new() { ["LIBTORCH"] = _folder.Root });

        Assert.Equal((1, $"LIBTORCH is '{_folder.Root}', which holds no libtorch_cpu.so; "
            + "name the folder of a libtorch 2.10.\n"), (status, said));
    }

    [Fact]
    public async Task Train_WithoutAnyLibtorch_FailsWithOneSentence()
    {
        var (status, said) = await Train(ProgramWithoutLibtorch(), new() { ["LIBTORCH"] = null });

        Assert.Equal((1, "There is no libtorch_cpu.so beside the program: the build brings the one for CPUs on "
            + "linux-x64; else set LIBTORCH to the folder of a libtorch 2.10.\n"), (status, said));
    }

    [Fact]
    public async Task Publish_OfTheProgram_BringsALibtorchThatLoads()
    {
        var project = Path.Combine(Repository.Root, "trainer/PhysIntuition.Trainer");
        var (published, log) = await Run(new("dotnet",
            ["publish", project, "-c", "Release", "--no-build", "-nodeReuse:false", "-o", _folder.At("published")]));
        Assert.True(published == 0, log);

        var (status, said) = await Train(_folder.At("published"), []);

        Assert.True(status == 0, said);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<(int Status, string Said)> Train(
        string program, Dictionary<string, string?> environment, params string[] arguments)
    {
        string[] knobs =
            ["--steps", "1", "--batch", "2", "--micro-batch", "2", "--picture-size", "32", "--threads", "1"];
        var start = new ProcessStartInfo("dotnet",
            [Path.Combine(program, "PhysIntuition.Trainer.dll"), "train", "sft", "--out", _folder.At("run"), .. knobs,
                .. arguments]);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return await Run(start);
    }

    private static async Task<(int Status, string Said)> Run(ProcessStartInfo start)
    {
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var said = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, said);
    }

    /// <summary>The program as -p:Torch=own builds it: everything but libtorch.</summary>
    private string ProgramWithoutLibtorch()
    {
        var folder = Directory.CreateDirectory(_folder.At("program")).FullName;
        foreach (var file in Directory.GetFiles(Output).Select(path => Path.GetFileName(path)))
        {
            if (!File.Exists(Path.Combine(Libtorch, file)) && !file.EndsWith(".deps.json", StringComparison.Ordinal))
            {
                File.CreateSymbolicLink(Path.Combine(folder, file), Path.Combine(Output, file));
            }
        }

        // The host follows a link to the program itself and would look for everything else there.
        foreach (var file in (string[])["PhysIntuition.Trainer.dll", "PhysIntuition.Trainer.runtimeconfig.json"])
        {
            File.Delete(Path.Combine(folder, file));
            File.Copy(Path.Combine(Output, file), Path.Combine(folder, file));
        }

        return folder;
    }
}
