using System.CommandLine;
using System.Diagnostics;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>From the shell to a server that answers.</summary>
internal sealed class StartArea : IArea
{
    private const int Starts = 9;

    private readonly Option<DirectoryInfo?> _checkout = new("--checkout")
    {
        Description = "Measure the server of another checkout, as 'physintuition setup server' built it there.",
    };

    /// <inheritdoc/>
    public string Name => "start";

    /// <inheritdoc/>
    public string Summary => "The cold start of serve: from the program's start until it listens.";

    /// <inheritdoc/>
    public string? CheckoutOption => _checkout.Name;

    /// <inheritdoc/>
    public void Configure(Command command) => command.Options.Add(_checkout);

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        var program = ProgramOf(arguments.GetValue(_checkout));
        var (wall, cpu) = (new List<double>(), new List<double>());
        for (var start = -1; start < Starts; start++)
        {
            var begun = Stopwatch.GetTimestamp();
            await using var server = new ServerProcess { Program = program };
            await server.StartAsync();
            if (start >= 0)   // the first one reads the program from the disk
            {
                wall.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                cpu.Add(server.CpuTime.TotalMilliseconds);
            }
        }

        figures.AddMedian("cold_start_ms", wall, "ms", Mark.AtMost(1500));
        figures.AddMedian("cold_start_cpu_ms", cpu, "ms");
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
