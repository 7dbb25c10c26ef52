using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace PhysIntuition.Leaderboard.Tests.Storage;

/// <summary>A real PostgreSQL server of the tests' own, on a free port, in a folder that is deleted afterwards.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string Binaries = "/usr/lib/postgresql/15/bin";

    private readonly string _folder = Directory.CreateTempSubdirectory("physintuition-postgres-").FullName;
    private bool _isRunning;

    public string? SkipReason { get; private set; }

    public string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists($"{Binaries}/initdb"))
        {
            SkipReason = $"PostgreSQL is not installed: {Binaries}/initdb is missing (Debian package postgresql-15).";
            return;
        }

        var port = FreePort();
        await RunAsync("chown", "postgres", _folder, asPostgres: false);
        await RunAsync($"{Binaries}/initdb", "-D", $"{_folder}/data", "-U", "board", "--auth=trust", "--no-sync");
        await RunAsync($"{Binaries}/pg_ctl", "-D", $"{_folder}/data", "-l", $"{_folder}/log", "-w", "start",
            "-o", $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={_folder}");
        _isRunning = true;
        ConnectionString = $"Host=127.0.0.1;Port={port};Database=postgres;Username=board";
    }

    public async ValueTask DisposeAsync()
    {
        if (_isRunning)
        {
            await RunAsync($"{Binaries}/pg_ctl", "-D", $"{_folder}/data", "-m", "immediate", "-w", "stop");
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Task RunAsync(string program, string first, string second, bool asPostgres) =>
        RunAsync(asPostgres, program, first, second);

    private static Task RunAsync(string program, params string[] arguments) => RunAsync(true, program, arguments);

    // PostgreSQL refuses to run as root, so root lends the work to the user that the package made.
    private static async Task RunAsync(bool asPostgres, string program, params string[] arguments)
    {
        var change = asPostgres && Environment.UserName == "root";
        string[] line = change ? ["runuser", "-u", "postgres", "--", program, .. arguments] : [program, .. arguments];
        using var process = Process.Start(new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        })!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
