using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Players;
using Run = PhysIntuition.Leaderboard.Run;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>The rows that are always there: scripted players play held-out runs like everybody else.</summary>
/// <remarks>Resumable: what is closed stays, and what was interrupted goes on where its answers stop.</remarks>
internal sealed class Baselines(OpenLeaderboard open, RunReplay replay, HeldoutWork work)
{
    private const int Edge = 224;        // pixels
    private const int ScenesAtOnce = 64; // what others wait for

    /// <summary>Row names, what the player knows, and who it is.</summary>
    public static IReadOnlyList<(string Method, string Knows, IPlayer Player)> Players { get; } =
    [
        ("chance", "Uniform over all legal answers.", ScriptedPlayers.Random),
        ("constant", "Always the same answer.", ScriptedPlayers.Constant),
        ("vision", "The picture alone: classical image processing, then geometry.", ScriptedPlayers.Vision),
        ("noisy geometry", "The scene with 5 % noise, geometry and textbook laws.", new NoisyPlayer()),
        ("geometry", "The exact scene, geometry and textbook laws, no simulation.", ScriptedPlayers.Geometric),
        ("expert", "The simulation: the best known answer.", ScriptedPlayers.Expert),
    ];

    /// <summary>Plays what is missing on one task.</summary>
    /// <param name="task">Which task; one without held-out scenes gets no rows.</param>
    /// <param name="scenes">Scenes of each run.</param>
    /// <param name="cancel">Stops between two calls to the leaderboard.</param>
    /// <returns>How many runs were played.</returns>
    public async Task<int> MakeAsync(ITask task, int scenes, CancellationToken cancel)
    {
        if (!task.Spec.Splits.Contains(Split.Heldout))
        {
            return 0;
        }

        var played = 0;
        var season = await open.Board.CurrentSeasonAsync();
        var earlier = (await open.Store.RunsAsync(season.Id, task.Spec.Id))
            .Where(run => run.Request is { Kind: PlayerKind.Baseline, Suite: "", Options: "" }).ToArray();
        foreach (var (method, knows, player) in Players.Where(row => Plays(row.Player, task)))
        {
            var runs = Array.FindAll(earlier, run => run.Request.Method == method && run.Request.Count >= scenes);
            if (Array.Exists(runs, run => run.State == RunState.Closed))
            {
                continue;
            }

            // One whose time ran out while nobody played is left alone.
            var run = Array.Find(runs, run => run.State == RunState.Closing || open.Board.TakesAnswers(run))
                ?? (await open.Board.OpenAsync(Request(method, knows, task, scenes))).Run;
            await PlayAsync(run, task, player, cancel);
            await open.Board.CloseAsync(run, cancel);
            played++;
        }

        return played;
    }

    private static RunSpec Request(string method, string knows, ITask task, int scenes) => new()
    {
        Method = method,
        Kind = PlayerKind.Baseline,
        Task = task.Spec.Id,
        Count = scenes,
        Settings = new System.Text.Json.Nodes.JsonObject { ["knows"] = knows }.ToJsonString(),
        Command = $"./physintuition leaderboard baselines --task {task.Spec.Id} --scenes {scenes}",
    };

    private async Task PlayAsync(Run run, ITask task, IPlayer player, CancellationToken cancel)
    {
        if (run.State != RunState.Open)
        {
            return;
        }

        var texts = AnswersByScene.Of(await open.Store.AnswersAsync(run.Id), run.Request.Count);
        var seeds = await open.Board.SeedsAsync(run);
        for (var step = 0; step < task.Spec.MaxSteps; step++)
        {
            foreach (var chunk in Enumerable.Range(0, seeds.Length).Where(scene => texts[scene].Count == step)
                .Chunk(ScenesAtOnce))
            {
                cancel.ThrowIfCancellationRequested();
                var answers = await work.RunAsync(
                    () => Ask(run, task, player, chunk, seeds, texts), isAhead: true, cancel);
                await open.Board.AnswerAsync(run, answers);
                foreach (var answer in answers)
                {
                    texts[answer.Scene] = [.. texts[answer.Scene], answer.Text];
                }
            }
        }
    }

    private List<SceneAnswer> Ask(
        Run run, ITask task, IPlayer player, int[] chunk, ulong[] seeds, IReadOnlyList<string>[] texts)
    {
        var played = replay.Play(run.Request, [.. chunk.Select(scene => seeds[scene])],
            [.. chunk.Select(scene => texts[scene])], isFinal: false);
        var answers = new List<SceneAnswer>(chunk.Length);
        for (var slot = 0; slot < chunk.Length; slot++)
        {
            if (!played.HasEnded[slot])
            {
                var step = texts[chunk[slot]].Count;
                var random = new RandomStream(seeds[chunk[slot]], (ulong)step);
                var picture = PictureOf(player, played, slot);
                var answer = player.Answer(task, played.Batch.EpisodeFor(slot), picture, random);
                answers.Add(new SceneAnswer(chunk[slot], step, AnswerText.Write(answer, task.Spec.Answer), double.NaN));
            }
        }

        return answers;
    }

    // A player that has no rule for a task says so by an answer without numbers, on any scene.
    private bool Plays(IPlayer player, ITask task)
    {
        var request = new RunSpec { Method = "", Task = task.Spec.Id };
        var played = replay.Play(request, [0], [Array.Empty<string>()], isFinal: false);
        var episode = played.Batch.EpisodeFor(0);
        return player.Answer(task, episode, PictureOf(player, played, 0), new RandomStream(0, 0)).IsLegal;
    }

    private static Picture? PictureOf(IPlayer player, Replayed played, int slot) =>
        player.NeedsPicture ? played.Batch.View.Picture(slot, Edge) : null;
}
