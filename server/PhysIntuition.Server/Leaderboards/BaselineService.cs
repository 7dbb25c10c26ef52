using Microsoft.Extensions.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Leaderboard.Storage;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>Gives every season its baseline rows while the server runs, if the options ask for them.</summary>
internal sealed partial class BaselineService(
    LeaderboardHost host, RunReplay replay, IOptions<LeaderboardOptions> options, ILogger<BaselineService> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMinutes(1); // for a new season

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var done = "";
        while (options.Value.BaselineScenes > 0)
        {
            done = await MakeAsync(done, stoppingToken);
            await Task.Delay(s_lookEvery, stoppingToken);
        }
    }

    // A database that is away for a while is no reason to end the server; the next look tries again.
    private async Task<string> MakeAsync(string done, CancellationToken stopping)
    {
        try
        {
            var open = await host.OpenAsync();
            var season = (await open.Board.CurrentSeasonAsync()).Id;
            if (season == done)
            {
                return done;
            }

            var (baselines, runs) = (new Baselines(open, replay), 0);
            foreach (var task in TaskCatalog.All)
            {
                runs += await Task.Run(
                    () => baselines.MakeAsync(task, options.Value.BaselineScenes, stopping), stopping);
            }

            Log.Played(logger, runs, season);
            return season;
        }
        catch (StorageException failure)
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
