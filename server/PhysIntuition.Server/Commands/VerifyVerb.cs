namespace PhysIntuition.Server.Commands;

/// <summary><c>verify</c>: checks result files offline.</summary>
internal static class VerifyVerb
{
    private static readonly Argument<FileInfo[]> s_files = new("files")
    {
        Description = "Result files.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> s_secret = new("--secret")
    {
        Description = "The season's revealed secret, hex: every score and outcome hash is replayed.",
    };

    public static Command Create()
    {
        var command = new Command("verify", "Check result files offline.") { s_files, s_secret };
        TrustedKeys.AddTo(command);
        command.SetAction(arguments =>
        {
            using var simulator = new BatchSimulator();
            var renderer = new CpuRenderer();
            using var work = new HeldoutWork();
            var scorer = new RunScorer(
                new RunReplay(simulator, renderer), work, prepared: null, simulator, renderer);
            var faults = arguments.GetValue(s_files)!.Sum(file => Verify(file, arguments, scorer));
            return faults == 0 ? 0 : 1;
        });
        return command;
    }

    /// <summary>Replays a result of a season that is over, and says what does not fit.</summary>
    public static IEnumerable<string> Replay(RunResult result, string secret, RunScorer scorer)
    {
        if (!SeedSchedule.IsSecret(secret) || SeedSchedule.Commit(secret) != result.Commitment)
        {
            return [$"The secret '{secret}' does not have the SHA-256 that was committed, {result.Commitment}."];
        }

        if (result.Scenes.Count == 0)
        {
            return ["The file holds no scenes; fetch it again now that the season is over."];
        }

        var count = result.Request.Count;
        if (result.Scenes.Count != count || count > Board.MaxScenes)
        {
            return [$"The file holds {result.Scenes.Count} scenes of a run of {count}."];
        }

        if (result.Answers.Any(answer => answer.Scene < 0 || answer.Scene >= count))
        {
            return [$"The file answers scenes that a run of {count} does not have."];
        }

        var seeds = SeedSchedule.Seeds(secret, result.Request, result.Run, result.SharesScenes,
            Enumerable.Range(0, count), scorer.SeedCount(result.Request.Task));
        SeededScene[] scenes = [.. seeds.Select((seed, scene) => new SeededScene(scene, seed))];
        var replayed = scorer.ScoreAsync(result.Request, scenes, result.Answers, default).GetAwaiter().GetResult();
        return replayed.Zip(result.Scenes).Where(pair => pair.First != pair.Second).Select(pair =>
            $"Scene {pair.First.Scene} replays to {Describe(pair.First)}; the file says {Describe(pair.Second)}.");
    }

    private static string Describe(SceneResult scene) =>
        $"a reward of {scene.Reward} (scene {scene.SceneHash}, outcome {scene.OutcomeHash})";

    private static int Verify(FileInfo file, ParseResult arguments, RunScorer scorer)
    {
        var secret = arguments.GetValue(s_secret);
        if (secret is not null && !SeedSchedule.IsSecret(secret))
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "--secret",
                $"'--secret' is '{secret}'; it must be {2 * SeedSchedule.SecretBytes} hex digits. " +
                "'leaderboard seasons' prints the secrets of seasons that are over.");
        }

        var faults = FaultsOf(file, arguments, secret, scorer, out var read);
        foreach (var fault in faults)
        {
            arguments.Error().WriteLine($"{file.Name}: {fault}");
        }

        if (faults.Count == 0)
        {
            var result = read!.Result;
            arguments.Out().WriteLine($"{result.Request.Method} on {result.Request.Board}: {result.Score.Mean:F4} " +
                $"({result.Score.Low:F4} to {result.Score.High:F4}), signed by " +
                TrustedKeys.Describe(read.PublicKey) +
                (secret is null ? "." : "; every score was replayed and fits."));
        }

        return faults.Count;
    }

    private static List<string> FaultsOf(
        FileInfo file, ParseResult arguments, string? secret, RunScorer scorer, out ResultFile? result)
    {
        try
        {
            result = ResultFile.Parse(File.ReadAllText(file.FullName));
        }
        catch (JsonException wrong)
        {
            result = null;
            return [$"This is no result file: {wrong.Message}"];
        }

        // What nobody signed is no reason to trust a key.
        var faults = result.Verify();
        var refusal = faults.Count == 0 ? TrustedKeys.Refuse(arguments, result.PublicKey) : null;
        return
        [
            .. faults, .. refusal is null ? [] : new[] { refusal },
            .. secret is null ? [] : Replay(result.Result, secret, scorer),
        ];
    }
}
