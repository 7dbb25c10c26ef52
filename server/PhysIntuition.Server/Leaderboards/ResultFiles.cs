namespace PhysIntuition.Server.Leaderboards;

/// <summary>Makes the signed result file of a closed run.</summary>
internal static class ResultFiles
{
    /// <summary>Scores and hashes by scene, and answers, stay out of it until the season is over.</summary>
    public static async Task<ResultFile> OfAsync(OpenLeaderboard open, Run run)
    {
        var season = (await open.Store.SeasonsAsync()).Single(season => season.Id == run.Season);
        var results = Board.Counted(run, await open.Store.ResultsAsync(run.Id), season.IsOpen);
        return ResultFile.Sign(new RunResult
        {
            Run = run.Id,
            Season = season.Id,
            Commitment = season.Commitment,
            Request = run.Request with { Owner = "" },
            SharesScenes = run.SharesScenes,
            OpenedAt = run.OpenedAt,
            ClosedAt = run.ClosedAt!.Value,
            Provenance = run.Provenance,
            Score = results.Count == 0 ? default : Interval.Of([.. results.Select(result => result.Reward)]),
            Scenes = season.IsOpen ? [] : results,
            Answers = season.IsOpen ? [] : await open.Store.AnswersAsync(run.Id),
        }, open.Key);
    }
}
