namespace PhysIntuition.Server.Commands;

/// <summary><c>export</c> and <c>import</c>: a leaderboard as one JSON file of signed results.</summary>
internal static class ArchiveVerbs
{
    private static readonly Argument<FileInfo> s_new = new("file") { Description = "File to write; must not exist." };
    private static readonly Argument<FileInfo> s_file = new("file") { Description = "A file that export wrote." };

    public static Command Export()
    {
        var command = new Command("export", "Write all seasons and the signed results of all closed runs as JSON.")
        {
            s_new, LocalLeaderboard.Folder, LocalLeaderboard.Postgres,
        };
        command.SetAction((arguments, _) => LocalLeaderboard.UseAsync(
            arguments, local => ExportAsync(local, arguments.GetValue(s_new)!)));
        return command;
    }

    public static Command Import()
    {
        var command = new Command("import",
            "Add the results of seasons that are over. Every signature is checked and every score replayed first; " +
            "what is there already stays.")
        {
            s_file, LocalLeaderboard.Folder, LocalLeaderboard.Postgres,
        };
        TrustedKeys.AddTo(command);
        command.SetAction((arguments, _) => LocalLeaderboard.UseAsync(
            arguments, local => ImportAsync(local, arguments), creates: true));
        return command;
    }

    private static async Task ExportAsync(LocalLeaderboard local, FileInfo file)
    {
        if (file.Exists)
        {
            throw new IOException($"'{file.FullName}' exists already. Choose a new name; an export never overwrites.");
        }

        var open = await local.OpenAsync();
        var seasons = await open.Store.SeasonsAsync();
        var results = new List<ResultFile>();
        foreach (var season in seasons)
        {
            foreach (var run in await open.Store.RunsAsync(season.Id, state: RunState.Closed))
            {
                results.Add(await ResultFiles.OfAsync(open, run));
            }
        }

        var archive = new ResultArchive([.. seasons.Select(season => season.Published)], results);
        await File.WriteAllTextAsync(file.FullName, archive.ToJson());
        local.Out.WriteLine($"{results.Count} results of {seasons.Count} seasons are in {file.FullName}.");
    }

    private static async Task ImportAsync(LocalLeaderboard local, ParseResult arguments)
    {
        var source = arguments.GetValue(s_file)!;
        var archive = ResultArchive.Parse(await File.ReadAllTextAsync(source.FullName), source.FullName);
        var open = await local.OpenAsync();
        var (added, known, early) = (0, 0, 0);
        foreach (var file in archive.Results)
        {
            var result = file.Result;
            var season = archive.Seasons.FirstOrDefault(season => season.Commitment == result.Commitment);
            if (season is not { IsOpen: false } || result.Scenes.Count == 0)
            {
                early++;
                continue;
            }

            Check(file, season, arguments, local.Scorer);
            var named = season with { Id = $"{season.Id}@{season.Commitment[..8]}" };
            var isNew = await open.Store.ImportAsync(named, ToRun(file), result.Scenes, result.Answers);
            (added, known) = isNew ? (added + 1, known) : (added, known + 1);
        }

        local.Out.WriteLine($"{added} results added, {known} were there already, {early} left out because their " +
            "season was not over when they were exported.");
    }

    private static void Check(ResultFile file, Season season, ParseResult arguments, RunScorer scorer)
    {
        var signed = file.Verify();
        var refusal = signed.Count == 0 ? TrustedKeys.Refuse(arguments, file.PublicKey) : null;
        string[] faults = refusal is null
            ? [.. signed, .. VerifyVerb.Replay(file.Result, season.Secret, scorer)]
            : [refusal];
        if (faults.Length > 0)
        {
            throw new PhysIntuitionException(Fault.NotAllowed, "file",
                $"The result of run {file.Result.Run} cannot be trusted, so it and what follows was not added: " +
                string.Join(' ', faults.Take(3)));
        }
    }

    private static Run ToRun(ResultFile file) => new()
    {
        Id = file.Result.Run,
        TokenHash = "",
        Season = file.Result.Season,
        Request = file.Result.Request with { Owner = file.PublicKey },
        State = RunState.Closed,
        OpenedAt = file.Result.OpenedAt,
        Deadline = file.Result.ClosedAt,
        SharesScenes = file.Result.SharesScenes,
        ClosedAt = file.Result.ClosedAt,
        Provenance = file.Result.Provenance,
    };
}
