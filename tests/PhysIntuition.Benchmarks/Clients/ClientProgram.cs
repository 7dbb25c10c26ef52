using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks.Clients;

/// <summary>A client of another language, as its bench.json tells; clients/README.md has the form.</summary>
internal sealed class ClientProgram : IDisposable
{
    private readonly Process _process;

    private ClientProgram(string name, Process process) => (Name, _process) = (name, process);

    /// <summary>A word for figures: "python"; with what else it does: "python messages".</summary>
    public string Name { get; }

    /// <summary>Starts all that are built; says why others are left out.</summary>
    public static IReadOnlyList<ClientProgram> StartAll(Uri server, string task, int slots, int edge)
    {
        var clients = Path.Combine(Root(), "clients");
        var programs = new List<ClientProgram>();
        foreach (var folder in Directory.GetDirectories(clients).Order(StringComparer.Ordinal))
        {
            var file = Path.Combine(folder, "bench.json");
            if (!File.Exists(file))
            {
                continue;
            }

            var told = JsonSerializer.Deserialize<Told>(File.ReadAllBytes(file), JsonSerializerOptions.Web)!;
            if (Array.Find(told.Needs, need => !File.Exists(Path.Combine(Root(), need))) is { } missing)
            {
                Console.Error.WriteLine($"Left out {told.Name}: {missing} is missing; {told.Setup} makes it.");
                continue;
            }

            string[] arguments = [server.Authority, task, $"{slots}", $"{edge}"];
            programs.Add(Start(told, told.Name, arguments));
            programs.AddRange((told.Also ?? []).Select(
                word => Start(told, $"{told.Name} {word}", [.. arguments, word])));
        }

        return programs;
    }

    /// <summary>Lets it make steps; the seconds that it took.</summary>
    public async Task<double> SecondsAsync(int steps, CancellationToken cancellation)
    {
        await _process.StandardInput.WriteLineAsync($"{steps}");
        await _process.StandardInput.FlushAsync(cancellation);
        var line = await _process.StandardOutput.ReadLineAsync(cancellation)
            ?? throw new InvalidOperationException($"The client in {Name} ended before it had stepped.");
        return double.Parse(line, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static ClientProgram Start(Told told, string name, string[] arguments)
    {
        var start = new ProcessStartInfo(told.Command[0], [.. told.Command[1..], .. arguments])
        {
            WorkingDirectory = Root(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        return process.StandardOutput.ReadLine() == "ready"
            ? new ClientProgram(name, process)
            : throw new InvalidOperationException($"The client in {told.Name} did not get ready.");
    }

    private static string Root() =>
        Repository.RootOrNull ?? throw new SkippedException("this area runs inside a checkout.");

    private sealed record Told(string Name, string[] Command, string[] Needs, string Setup, string[]? Also);
}
