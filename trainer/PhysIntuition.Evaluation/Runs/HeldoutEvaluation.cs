using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.AI;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Leaderboard;

namespace PhysIntuition.Evaluation.Runs;

/// <summary>Plays held-out runs of a leaderboard with any model; an interrupted one goes on where it stopped.</summary>
/// <remarks>An answer is in the folder before it is sent, and final once the server has acknowledged it.</remarks>
/// <param name="plan">Who is asked about what; the splits are "heldout", or "heldout/" and a suite.</param>
/// <param name="heldout">Where, and in whose name.</param>
/// <param name="folder">Where samples and the runs' secrets are kept.</param>
/// <param name="prices">Null: no dollars.</param>
public sealed class HeldoutEvaluation(EvaluationPlan plan, HeldoutPlan heldout, RunFolder folder, Prices? prices)
    : IDisposable
{
    private const string StateFile = "heldout.json";
    private const int ScenesTogether = 64;
    private const int MaxAnswerLength = 64 * 1024;   // what a server takes

    private readonly Questioner _questioner = new(plan, folder, prices);
    private readonly LeaderboardConnection _board = new(heldout.Leaderboard);

    private bool _isReached;

    /// <inheritdoc/>
    public void Dispose() => _board.Dispose();

    /// <summary>Plays every model on every task.</summary>
    /// <param name="open">Opens a model.</param>
    /// <param name="limits">Requests in flight, by model.</param>
    /// <param name="cancellation">Sends nothing more; what is in flight is waited for.</param>
    /// <returns>What came of each run, in a sentence.</returns>
    /// <exception cref="ArgumentException">The server refuses; the message says why.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(
        Func<ModelName, IChatClient> open, Func<ModelName, AdaptiveLimit> limits, CancellationToken cancellation)
    {
        var sentences = new List<string>();
        try
        {
            foreach (var (model, task, split, _) in plan.Cells)
            {
                if (!cancellation.IsCancellationRequested)
                {
                    var suite = split.Split('/', 2).ElementAtOrDefault(1) ?? "";
                    using var chat = open(model);
                    sentences.Add(await PlayAsync(
                        model, task, suite, (question, scene, before) => _questioner.AskAsync(
                            scene, chat, limits(model), question, before, cancellation)).ConfigureAwait(false));
                }
            }
        }
        catch (EnvironmentException refusal)
        {
            throw new ArgumentException(
                $"The leaderboard at {heldout.Leaderboard} refuses: {refusal.Message}", refusal);
        }

        return sentences;
    }

    private async Task<string> PlayAsync(ModelName model, string task, string suite, Asking ask)
    {
        var state = await OpenAsync(model, task, suite).ConfigureAwait(false);
        var status = await AskAsync(board => board.GetRunAsync(
            new GetRunRequest { Run = state.Run, Token = state.Token }, Headers)).ConfigureAwait(false);
        var label = $"{model.Label} on {task}{(suite.Length > 0 ? $"/{suite}" : "")}";
        if (status.State == "open")
        {
            await AnswerAsync(state, status, ask).ConfigureAwait(false);
        }

        EvaluationSample[] samples = [.. SamplesOf(state)];
        var missing = (int)status.Count - samples.Count(sample => sample.Outcome != SampleOutcome.Undelivered);
        if (status.State == "open" && missing > 0 && !heldout.ClosesIncomplete)
        {
            return $"{label}: {missing} of {status.Count} scenes have no answer, so the run stays open. --resume asks "
                + "for them alone; with --close-incomplete they count as they are.";
        }

        var score = await AskAsync(board => board.CloseRunAsync(new CloseRunRequest
        {
            Run = state.Run, Token = state.Token, UsageJson = UsageOf(samples).ToJsonString(),
        }, Headers)).ConfigureAwait(false);
        return string.Create(CultureInfo.InvariantCulture,
            $"{label}: {score.Mean:0.000} ({score.Low:0.000} to {score.High:0.000}) over {score.Count} scenes that "
            + $"count now, {score.Unanswered} of them never answered");
    }

    // A server that was reached is waited for: every call may be made again.
    private async Task<T> AskAsync<T>(Func<LeaderboardService.LeaderboardServiceClient, AsyncUnaryCall<T>> call)
    {
        var reply = await RetryPolicy.TryAsync(
            async () =>
            {
                using var one = call(_board.Calls);
                return await one.ConfigureAwait(false);
            },
            _isReached ? heldout.Patience : TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
        _isReached = true;
        return reply;
    }

    // The run of the folder, or a new one.
    private async Task<HeldoutState> OpenAsync(ModelName model, string task, string suite)
    {
        var file = Path.Combine(folder.Path, StateFile);
        List<HeldoutState> known = File.Exists(file)
            ? JsonSerializer.Deserialize<List<HeldoutState>>(await File.ReadAllTextAsync(file).ConfigureAwait(false),
                RunFolder.Json)!
            : [];
        if (known.Find(run => (run.Model, run.Task, run.Suite) == (model.Label, task, suite)) is { } earlier)
        {
            return earlier;
        }

        var request = await RequestAsync(model, task, suite).ConfigureAwait(false);
        var run = await AskAsync(board => board.OpenRunAsync(request, Headers)).ConfigureAwait(false);
        var state = new HeldoutState(model.Label, task, suite, run.Run, run.Token);
        known.Add(state);
        RunFolder.WriteText(folder.Path, StateFile, JsonSerializer.Serialize(known, RunFolder.Json) + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);   // it holds secrets
        }

        return state;
    }

    private async Task<OpenRunRequest> RequestAsync(ModelName model, string task, string suite)
    {
        var settings = JsonSerializer.SerializeToNode(plan.Generation, RunFolder.Json)!.AsObject();
        var name = model.Provider == Provider.Folder ? model.Label : model.Name;   // where it lies is nobody's business
        settings["model"] = $"{model.Provider}:{name}".ToLowerInvariant();
        settings["picture_size"] = plan.PictureSize;
        if (plan.History < int.MaxValue)
        {
            settings["history"] = plan.History;
        }

        var request = new OpenRunRequest
        {
            Method = heldout.Method.Length > 0 ? heldout.Method : model.Label, Task = task, Suite = suite,
            OptionsJson = plan.TaskOptions, Count = (uint)plan.Questions, TrainedOn = heldout.TrainedOn,
            SettingsJson = settings.ToJsonString(), Command = heldout.Command,
            PictureWidth = (uint)plan.PictureSize, PictureHeight = (uint)plan.PictureSize,
        };
        var seasons = await AskAsync(board => board.ListSeasonsAsync(new ListSeasonsRequest(), Headers))
            .ConfigureAwait(false);
        LeaderboardConnection.Claim(heldout.Identity, seasons.Seasons, request);
        return request;
    }

    private async Task AnswerAsync(HeldoutState state, RunStatus status, Asking ask)
    {
        var turns = Enumerable.Range(0, (int)status.Count).Select(_ => new List<ConversationTurn>()).ToArray();
        foreach (var sample in SamplesOf(state))
        {
            turns[sample.Key.Seed] = [.. sample.Exchanges];
        }

        // Answers of an earlier program that the server may not have heard; repeating one is harmless.
        await SendAsync(state, [.. turns.SelectMany((list, scene) => list.Select((turn, step) => (scene, step, turn)))])
            .ConfigureAwait(false);
        for (var step = 0; step < status.MaxSteps; step++)
        {
            foreach (var scenes in Enumerable.Range(0, turns.Length).Where(scene => turns[scene].Count == step)
                .Chunk(ScenesTogether))
            {
                await AnswerAsync(state, scenes, step, turns, ask).ConfigureAwait(false);
            }
        }
    }

    private async Task AnswerAsync(
        HeldoutState state, int[] scenes, int step, List<ConversationTurn>[] turns, Asking ask)
    {
        var seen = await AskAsync(board => board.ObserveAsync(new ObserveRunRequest
        {
            Run = state.Run, Token = state.Token, Scenes = { scenes.Select(scene => (uint)scene) },
            Width = (uint)plan.PictureSize, Height = (uint)plan.PictureSize,
        }, Headers)).ConfigureAwait(false);
        var answered = await Task.WhenAll(Enumerable.Range(0, scenes.Length).Where(row => seen.Ended[row] == 0)
            .Select(async row =>
            {
                var scene = scenes[row];
                var asked = new AskedScene(KeyOf(state, scene), row, []);
                var question = new VisualPrompt(seen.Prompts[row], seen.Pictures[row].Memory, "");
                var (turn, error) = await ask(question, asked, turns[scene]).ConfigureAwait(false);
                if (turn is not null)
                {
                    turns[scene].Add(turn);
                    folder.Add(SampleOf(asked.Key, turns[scene]));
                }
                else if (error is not null)
                {
                    folder.Add(new EvaluationSample
                    {
                        Key = asked.Key, Outcome = SampleOutcome.Undelivered, Exchanges = [.. turns[scene]],
                            Error = error,
                    });
                }

                return (scene, step, turn);
            })).ConfigureAwait(false);
        await SendAsync(state, [.. answered.Where(one => one.turn is not null)]).ConfigureAwait(false);
    }

    private async Task SendAsync(HeldoutState state, (int Scene, int Step, ConversationTurn? Turn)[] answers)
    {
        if (answers.Length > 0)
        {
            await AskAsync(board => board.AnswerAsync(new AnswerRequest
            {
                Run = state.Run, Token = state.Token,
                Answers = { answers.Select(one => AnswerOf(state.Task, one.Scene, one.Step, one.Turn!)) },
            }, Headers)).ConfigureAwait(false);
        }
    }

    private static RunAnswer AnswerOf(string task, int scene, int step, ConversationTurn turn)
    {
        var answer = new RunAnswer { Scene = (uint)scene, Step = (uint)step, Text = TextOf(task, turn) };
        if (turn.Confidence is { } confidence)
        {
            answer.Confidence = confidence;
        }

        return answer;
    }

    // One that was cut off before it could be read is sent empty, so that the row counts it as that.
    private static string TextOf(string task, ConversationTurn turn)
    {
        var text = turn.Answer.Replace("\0", "");
        return turn.IsCut && !IsReadable(task, text) ? "" : text[Math.Max(0, text.Length - MaxAnswerLength)..];
    }

    private static bool IsReadable(string task, string text) =>
        AnswerText.Read(text, TaskCatalog.Find(task).Spec.Answer).IsLegal;

    private static EvaluationSample SampleOf(SampleKey key, List<ConversationTurn> turns) => new()
    {
        Key = key, Exchanges = [.. turns],
        Outcome = IsReadable(key.Task, turns[^1].Answer) ? SampleOutcome.Answered
            : turns[^1].IsCut || turns[^1].Answer.Length == 0 ? SampleOutcome.CutOff
            : SampleOutcome.Unreadable,
    };

    private JsonObject UsageOf(EvaluationSample[] samples)
    {
        ConversationTurn[] turns = [.. samples.SelectMany(sample => sample.Exchanges)];
        var tokens = turns.Aggregate(default(TokenCount), (sum, turn) => sum + turn.Tokens);
        string[] served = [.. turns.Select(turn => turn.ServedModel).Where(id => id.Length > 0).Distinct().Order()];
        return new JsonObject
        {
            ["model"] = string.Join(", ", served),
            ["tokens"] = JsonSerializer.SerializeToNode(tokens, RunFolder.Json),
            ["dollars_per_100_scenes"] =
                served.Length == 0 ? null : prices?.Of(served[0], tokens) * 100 / samples.Length,
            ["day"] = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
    }

    private IEnumerable<EvaluationSample> SamplesOf(HeldoutState state) =>
        folder.Samples.Where(sample => sample.Key == KeyOf(state, (int)sample.Key.Seed));

    private static SampleKey KeyOf(HeldoutState state, int scene) => new(
        state.Model, state.Task, state.Suite.Length == 0 ? "heldout" : $"heldout/{state.Suite}", Examples: 0,
        (ulong)scene, Repeat: 0);

    private static Metadata Headers => LeaderboardConnection.Headers;

    /// <summary>Puts a question about a scene, after earlier turns.</summary>
    private delegate Task<(ConversationTurn? Turn, string? Error)> Asking(
        VisualPrompt question, AskedScene scene, List<ConversationTurn> before);
}

/// <summary>How models play on a leaderboard.</summary>
public sealed record HeldoutPlan
{
    /// <summary>The server's gRPC address.</summary>
    public required Uri Leaderboard { get; init; }

    /// <summary>The method's name there; empty: the model's label.</summary>
    public string Method { get; init; } = "";

    /// <summary>Task that it was trained on; empty if unknown.</summary>
    public string TrainedOn { get; init; } = "";

    /// <summary>File of the key that owns the name, made when it is missing.</summary>
    public required string Identity { get; init; }

    /// <summary>The command that reproduces the run.</summary>
    public string Command { get; init; } = "";

    /// <summary>How long a server that was reached is waited for.</summary>
    public TimeSpan Patience { get; init; } = EnvironmentClients.UsualPatience;

    /// <summary>Closes runs of which some scenes were never answered, too.</summary>
    public bool ClosesIncomplete { get; init; }
}

/// <summary>A run of a folder: how it is found again.</summary>
/// <param name="Model">The model's label.</param>
/// <param name="Task">With version.</param>
/// <param name="Suite">Empty for none.</param>
/// <param name="Run">Its public name.</param>
/// <param name="Token">Its secret.</param>
internal sealed record HeldoutState(string Model, string Task, string Suite, string Run, string Token);
