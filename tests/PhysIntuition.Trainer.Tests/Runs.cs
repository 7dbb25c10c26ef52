using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Trainer.Training;
using PhysIntuition.Vlm;

namespace PhysIntuition.Trainer;

/// <summary>Short training runs, and what they leave.</summary>
internal static class Runs
{
    /// <summary>Six steps of imitation that take a second.</summary>
    public static SftOptions Small { get; } = new()
    {
        Steps = 6, Batch = 4, MicroBatch = 2, PictureSize = 32, SaveEvery = 2, EvaluationQuestions = 2, Threads = 1,
    };

    /// <summary>Writes options where the program can read them.</summary>
    public static string Write(TemporaryFolder folder, TrainingOptions options)
    {
        var file = folder.At($"options-{Guid.NewGuid():N}.json");
        File.WriteAllText(file, JsonSerializer.Serialize(options, options.GetType(), RecipeOptions.Format));
        return file;
    }

    /// <summary>The real program.</summary>
    public static string TrainerPath { get; } = Path.Combine(AppContext.BaseDirectory, "PhysIntuition.Trainer.dll");

    /// <summary>Starts the real program; it hears SIGINT even where the tests run in the background.</summary>
    public static Process Start(params string[] arguments) => Start(readsOutput: false, arguments);

    /// <summary>Likewise; where its output is read, too.</summary>
    public static Process Start(bool readsOutput, params string[] arguments) =>
        Process.Start(new ProcessStartInfo("env",
        [
            "--default-signal=INT", "dotnet", TrainerPath, .. arguments,
        ]) { RedirectStandardError = true, RedirectStandardOutput = readsOutput })!;

    /// <summary>Likewise, with further variables in its environment.</summary>
    public static Process Start(Dictionary<string, string> environment, params string[] arguments) =>
        Process.Start(new ProcessStartInfo("env",
            [.. environment.Select(item => $"{item.Key}={item.Value}"), "dotnet", TrainerPath, .. arguments])
        { RedirectStandardError = true })!;

    /// <summary>Runs the real program to its end.</summary>
    public static async Task Program(params string[] arguments)
    {
        using var process = Start(arguments);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var said = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, said);
    }

    /// <summary>Runs a program of .NET in several processes under the real mpirun, to the end of all.</summary>
    /// <param name="processes">How many.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="meanwhile">What happens to mpirun's process; null: nothing.</param>
    public static async Task<(int Status, string Said)> Mpirun(
        int processes, string[] command, Func<Process, Task>? meanwhile = null)
    {
        var start = new ProcessStartInfo("mpirun", ["--oversubscribe", "-n", $"{processes}", "dotnet", .. command])
        {
            RedirectStandardError = true, RedirectStandardOutput = true,
        };
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            var said = process.StandardOutput.ReadToEndAsync(limit.Token);
            var faults = process.StandardError.ReadToEndAsync(limit.Token);
            await (meanwhile?.Invoke(process) ?? Task.CompletedTask);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await said + await faults);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>The process of a rank under an mpirun of this machine.</summary>
    public static Process OfRank(Process mpirun, int rank) => File
        .ReadAllText($"/proc/{mpirun.Id}/task/{mpirun.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Where(id => File.ReadAllText($"/proc/{id}/environ").Split('\0').Contains($"OMPI_COMM_WORLD_RANK={rank}"))
        .Select(id => Process.GetProcessById(int.Parse(id))).Single();

    /// <summary>Returns once a run's log has so many lines, or its process has ended.</summary>
    public static async Task UntilLogged(Process process, string folder, int lines)
    {
        var log = Path.Combine(folder, "metrics.jsonl");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!process.HasExited && (!File.Exists(log) || File.ReadLines(log).Count() < lines))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
        }
    }

    /// <summary>Trains one step, as if the user had stopped the run then.</summary>
    public static void StopAfterOneStep(Action<CancellationToken> train)
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();   // seen after the step that is under way
        Assert.Contains("The same command goes on",
            Assert.Throws<OperationCanceledException>(() => train(stop.Token)).Message);
    }

    /// <summary>Asserts that curves and weights are the same, bit for bit.</summary>
    public static void AssertSameRun(string whole, string parts, int steps)
    {
        for (var step = 1; step <= steps; step++)
        {
            Assert.Equal(WithoutTimes(Line(whole, step)), WithoutTimes(Line(parts, step)));
        }

        Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "final/model.safetensors")),
            File.ReadAllBytes(Path.Combine(parts, "final/model.safetensors")));
    }

    /// <summary>The loss of a step.</summary>
    public static double Loss(string run, int step) => Line(run, step)["loss"]!.GetValue<double>();

    /// <summary>What the log says of a step.</summary>
    public static JsonObject Line(string run, int step) =>
        JsonNode.Parse(File.ReadAllLines(Path.Combine(run, "metrics.jsonl"))[step - 1])!.AsObject();

    private static string WithoutTimes(JsonObject line)
    {
        foreach (var name in line.Select(item => item.Key).Where(name => name.StartsWith("time/")).ToArray())
        {
            line.Remove(name);
        }

        return line.ToJsonString();
    }
}

/// <summary>The processes that mpirun started with this one, or this one alone; left once the tests are over.</summary>
public sealed class Together : IDisposable
{
    internal ProcessGroup Group { get; } = ProcessGroup.Open();

    public void Dispose() => Group.Leave();
}

/// <summary>Tests that hold in a process alone and, started by mpirun, in each of several that take part.</summary>
[CollectionDefinition(Name)]
public sealed class TogetherTests : ICollectionFixture<Together>
{
    public const string Name = "together";
}
