using System.Diagnostics;

namespace PhysIntuition.TestKit;

/// <summary>A PostgreSQL server of the test's own, on a free port and on a socket in a folder that is deleted
/// afterwards.</summary>
public class PostgresServer
{
    private const string Versions = "/usr/lib/postgresql";

    private static readonly string? s_binaries = Directory.Exists(Versions)
        ? Directory.GetDirectories(Versions).Order().Select(version => $"{version}/bin").LastOrDefault()
        : null;

    private static readonly bool s_isRoot = Environment.UserName == "root";

    private readonly string _folder = Directory.CreateTempSubdirectory("physintuition-postgres-").FullName;
    private bool _isRunning;

    /// <summary>Why there is none; null: it runs.</summary>
    public string? SkipReason { get; private set; }

    /// <summary>By the socket.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>As <c>--cluster</c> takes it.</summary>
    public string Address => $"postgres://board@127.0.0.1:{Port}/postgres";

    private int Port { get; } = Ports.Free();

    /// <summary>Starts it.</summary>
    public async ValueTask InitializeAsync()
    {
        if (s_binaries is null)
        {
            SkipReason = $"PostgreSQL is not installed: there is no version in {Versions} (package postgresql).";
            return;
        }

        if (s_isRoot)
        {
            await RunAsync("chown", "postgres", _folder, asPostgres: false);
        }

        await RunAsync($"{s_binaries}/initdb", "-D", $"{_folder}/data", "-U", "board", "--auth=trust", "--no-sync");
        await RunAsync($"{s_binaries}/pg_ctl", "-D", $"{_folder}/data", "-l", $"{_folder}/log", "-w", "-t", "300",
            "start", "-o", $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={_folder}");
        _isRunning = true;
        ConnectionString = $"Host={_folder};Port={Port};Database=postgres;Username=board";
    }

    /// <summary>Stops it and deletes what it wrote.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isRunning)
        {
            await RunAsync($"{s_binaries}/pg_ctl", "-D", $"{_folder}/data", "-m", "immediate", "-w", "stop");
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static Task RunAsync(string program, string first, string second, bool asPostgres) =>
        RunAsync(asPostgres, program, first, second);

    private static Task RunAsync(string program, params string[] arguments) => RunAsync(true, program, arguments);

    // PostgreSQL refuses to run as root, so root lends the work to the user that the package made.
    private static async Task RunAsync(bool asPostgres, string program, params string[] arguments)
    {
        string[] line = [.. asPostgres && s_isRoot ? ["runuser", "-u", "postgres", "--"] : Array.Empty<string>(),
            program, .. arguments];
        using var process = Process.Start(new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', line)} ended with {process.ExitCode}.");
        }
    }
}
