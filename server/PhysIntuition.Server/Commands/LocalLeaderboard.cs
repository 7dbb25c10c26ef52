using Wrap = Microsoft.Extensions.Options.Options;

namespace PhysIntuition.Server.Commands;

/// <summary>A leaderboard's database, opened beside whatever server uses it.</summary>
internal sealed class LocalLeaderboard : IAsyncDisposable
{
    private readonly BatchSimulator _simulator = new();
    private readonly LeaderboardHost _host;

    private LocalLeaderboard(LeaderboardOptions options, TextWriter output)
    {
        Out = output;
        var renderer = new CpuRenderer();
        Replay = new RunReplay(_simulator, renderer);
        Work = new HeldoutWork();
        var prepared = new PreparedScenes(Replay, Work);
        Scorer = new RunScorer(Replay, Work, prepared, _simulator, renderer);
        _host = new LeaderboardHost(Wrap.Create(options), Scorer, TimeProvider.System);
        Tables = new TableCalls(
            _host, new RunScenes(prepared, Wrap.Create(new LimitOptions()), Wrap.Create(options), TimeProvider.System));
    }

    /// <summary>Folder of the embedded database and of the key.</summary>
    public static Option<DirectoryInfo> Folder { get; } = new("--folder")
    {
        Description = "Folder of the leaderboard's database and signing key.",
        DefaultValueFactory = _ => new DirectoryInfo(new LeaderboardOptions().FindFolder()),
    };

    /// <summary>The other kind of database.</summary>
    public static Option<string> Postgres { get; } = new("--postgres")
    {
        Description = "PostgreSQL connection string, instead of the embedded database.",
        DefaultValueFactory = _ => "",
    };

    /// <summary>Where the command prints.</summary>
    public TextWriter Out { get; }

    /// <summary>Plays scenes.</summary>
    public RunReplay Replay { get; }

    /// <summary>Where scenes are played.</summary>
    public HeldoutWork Work { get; }

    /// <summary>Scores runs.</summary>
    public RunScorer Scorer { get; }

    /// <summary>What anybody may look up.</summary>
    public TableCalls Tables { get; }

    /// <summary>Opens what the options name, does the work, and closes it.</summary>
    /// <param name="arguments">Hold <see cref="Folder"/> and <see cref="Postgres"/>.</param>
    /// <param name="work">What to do.</param>
    /// <param name="creates">Whether a database that is missing is made.</param>
    public static async Task<int> UseAsync(
        ParseResult arguments, Func<LocalLeaderboard, Task> work, bool creates = false)
    {
        var (folder, postgres) = (arguments.GetValue(Folder)!, arguments.GetValue(Postgres)!);
        var file = Path.Combine(folder.FullName, "leaderboard.db");
        if (postgres.Length == 0 && !creates && !File.Exists(file))
        {
            throw new PhysIntuitionException(Fault.NotFound, "--folder",
                $"There is no database {file}. Name its folder with --folder, or a PostgreSQL database with " +
                "--postgres.");
        }

        await using var local = new LocalLeaderboard(
            new LeaderboardOptions { Folder = folder.FullName, Postgres = postgres }, arguments.Out());
        await work(local);
        return 0;
    }

    /// <summary>The database, the rules and the key.</summary>
    public ValueTask<OpenLeaderboard> OpenAsync() => _host.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Work.Dispose();
        _simulator.Dispose();
    }
}
