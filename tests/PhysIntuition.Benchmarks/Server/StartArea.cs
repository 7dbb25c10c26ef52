using System.CommandLine;
using System.Diagnostics;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Client;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>From the shell to a server that answers.</summary>
internal sealed class StartArea : IArea
{
    private const int Starts = 9;
    private const int Slots = 64;

    private static readonly EnvironmentSettings s_towers = new("Stability-v1")
    {
        Slots = Slots,
        Observe = new Observe("rgb"),
    };

    private readonly Option<DirectoryInfo?> _checkout = new("--checkout")
    {
        Description = "Measure the server of another checkout, as 'physintuition setup server' built it there.",
    };

    /// <inheritdoc/>
    public string Name => "start";

    /// <inheritdoc/>
    public string Summary => "The cold start of serve: until it listens, and until its first towers are judged.";

    /// <inheritdoc/>
    public string? CheckoutOption => _checkout.Name;

    /// <inheritdoc/>
    public void Configure(Command command) => command.Options.Add(_checkout);

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        var program = ProgramOf(arguments.GetValue(_checkout));
        var (wall, cpu, judged) = (new List<double>(), new List<double>(), new List<double>());
        for (var start = -1; start < Starts; start++)
        {
            var begun = Stopwatch.GetTimestamp();
            await using var server = new ServerProcess { Program = program };
            await server.StartAsync();
            var (listened, used) = (Stopwatch.GetTimestamp(), server.CpuTime);
            await JudgeAsync(server.Address, cancellation);
            if (start >= 0)   // the first one reads the program from the disk
            {
                wall.Add(Stopwatch.GetElapsedTime(begun, listened).TotalMilliseconds);
                cpu.Add(used.TotalMilliseconds);
                judged.Add(Stopwatch.GetElapsedTime(listened).TotalMilliseconds);
            }
        }

        figures.AddMedian("cold_start_ms", wall, "ms", Mark.AtMost(1500));
        figures.AddMedian("cold_start_cpu_ms", cpu, "ms");
        figures.AddMedian("first_towers_ms", judged, "ms");
    }

    // What a user does first: look at a batch of towers and answer.
    private static async Task JudgeAsync(Uri address, CancellationToken cancellation)
    {
        await using var client = await PhysIntuitionClient.ConnectAsync($"{address}", cancellation);
        await using var environment = await client.CreateAsync(s_towers, cancellation);
        await environment.ResetAsync(cancellation: cancellation);
        await environment.StepAsync(Enumerable.Repeat("stable", Slots).ToArray(), cancellation: cancellation);
    }

    private static string ProgramOf(DirectoryInfo? checkout)
    {
        if (checkout is null)
        {
            return ServerProcess.OwnProgram;
        }

        var program = Path.Combine(
            checkout.FullName, "artifacts/bin/PhysIntuition.Server/release/PhysIntuition.Server.dll");
        return File.Exists(program)
            ? program
            : throw new SkippedException($"there is no {program}; run './physintuition setup server' in {checkout}.");
    }
}
