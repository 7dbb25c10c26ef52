using System.Diagnostics;
using PhysIntuition.Leaderboard.Storage;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>Gives every season its baseline rows, and when it is over scores what its runs have in common; from the
/// first use of the leaderboard on, so that a server that only trains has no work with it.</summary>
internal sealed partial class SeasonService(
    LeaderboardHost host, RunReplay replay, HeldoutWork work, IOptions<LeaderboardOptions> options,
    ILogger<SeasonService> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMinutes(1); // for a new season

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await host.FirstUse.WaitAsync(stoppingToken);
        var done = "";
        while (true)
        {
            done = await MakeAsync(done, stoppingToken);
            await Task.Delay(s_lookEvery, stoppingToken);
        }
    }

    // A database that is away, or a season that ends meanwhile, is no reason to end the server; the next look tries
    // again.
    private async Task<string> MakeAsync(string done, CancellationToken stopping)
    {
        try
        {
            var open = await host.OpenAsync();
            var season = (await open.Board.CurrentSeasonAsync()).Id;
            foreach (var over in (await open.Store.SeasonsAsync()).Where(one => !one.IsOpen))
            {
                await open.Board.CompleteSeasonAsync(over.Id, stopping);
            }

            if (season == done || options.Value.BaselineScenes == 0)
            {
                return done;
            }

            var (baselines, runs) = (new Baselines(open, replay, work), 0);
            foreach (var task in TaskCatalog.All)
            {
                var start = Stopwatch.GetTimestamp();
                runs += await Task.Run(
                    () => baselines.MakeAsync(task, options.Value.BaselineScenes, stopping), stopping);
                await Task.Delay(Stopwatch.GetElapsedTime(start), stopping); // Half of the time is for others.
            }

            Log.Played(logger, runs, season);
            return season;
        }
        catch (Exception failure) when (failure is StorageException or PhysIntuitionException)
        {
            Log.Failed(logger, failure);
            return done;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 601, Level = LogLevel.Information,
            Message = "Scripted players played {Runs} runs in {Season}.")]
        public static partial void Played(ILogger logger, int runs, string season);

        [LoggerMessage(EventId = 602, Level = LogLevel.Warning, Message = "The scripted players were interrupted.")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
