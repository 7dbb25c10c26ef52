using Grpc.Core;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.V1;

namespace PhysIntuition.Trainer;

/// <summary>What a policy plays on a leaderboard.</summary>
public sealed record HeldoutOptions
{
    /// <summary>Its name there, 1 to 80 characters.</summary>
    public required string Method { get; init; }

    /// <summary>What the row calls the model that answered.</summary>
    public string Model { get; init; } = "";

    /// <summary>Task, with version.</summary>
    public required string Task { get; init; }

    /// <summary>A suite of the task; empty for none.</summary>
    public string Suite { get; init; } = "";

    /// <summary>The task's options as a JSON object; empty for the defaults.</summary>
    public string TaskOptions { get; init; } = "";

    /// <summary>Task that it was trained on; empty if unknown.</summary>
    public string TrainedOn { get; init; } = "";

    /// <summary>Pixels along a picture's side.</summary>
    public int PictureSize { get; init; } = 96;

    /// <summary>Scenes, sampling and batch; seeds and examples mean nothing here.</summary>
    public EvaluationOptions Evaluation { get; init; } = new();

    /// <summary>File of the key that owns the name, made when it is missing; empty: the name is nobody's.</summary>
    public string Identity { get; init; } = "";

    /// <summary>The command that reproduces the run.</summary>
    public string Command { get; init; } = "";
}

/// <summary>Plays a held-out run: scenes that nobody has seen, scored by the server.</summary>
/// <remarks>The probability of the whole answer is stated as its confidence.</remarks>
public static class HeldoutRun
{
    /// <summary>Opens a run, answers every scene, closes it.</summary>
    /// <param name="policy">Who plays.</param>
    /// <param name="leaderboard">The server's gRPC address.</param>
    /// <param name="options">What is played.</param>
    /// <exception cref="ArgumentException">The server refuses; the message says why.</exception>
    public static async Task<RunScore> PlayAsync(Policy policy, Uri leaderboard, HeldoutOptions options)
    {
        using var connection = new LeaderboardConnection(leaderboard);
        var (board, headers) = (connection.Calls, LeaderboardConnection.Headers);
        try
        {
            var run = await board.OpenRunAsync(await RequestAsync(board, headers, options), headers);
            var before = Enumerable.Range(0, (int)run.Status.Count).Select(_ => new List<Answered>()).ToArray();
            var tokens = default(TokenCount);
            for (var step = 0; step < run.Status.MaxSteps; step++)
            {
                foreach (var scenes in Enumerable.Range(0, before.Length).Chunk(options.Evaluation.Batch))
                {
                    tokens += await AnswerAsync(board, headers, run, policy, options, scenes, before, step);
                }
            }

            return await board.CloseRunAsync(new CloseRunRequest
            {
                Run = run.Run, Token = run.Token,
                UsageJson = HeldoutEvaluation.Usage(options.Model, tokens, dollarsPer100Scenes: null).ToJsonString(),
            }, headers);
        }
        catch (RpcException refusal)
        {
            throw new ArgumentException($"The leaderboard at {leaderboard} refuses: {refusal.Status.Detail}", refusal);
        }
    }

    private static async Task<OpenRunRequest> RequestAsync(
        LeaderboardService.LeaderboardServiceClient board, Metadata headers, HeldoutOptions options)
    {
        var request = Request(options);
        if (options.Identity.Length > 0)
        {
            var seasons = await board.ListSeasonsAsync(new ListSeasonsRequest(), headers);
            LeaderboardConnection.Claim(options.Identity, seasons.Seasons, request);
        }

        return request;
    }

    private static OpenRunRequest Request(HeldoutOptions options) => new()
    {
        Method = options.Method,
        Task = options.Task,
        Suite = options.Suite,
        OptionsJson = options.TaskOptions,
        Count = (uint)options.Evaluation.Questions,
        TrainedOn = options.TrainedOn,
        Command = options.Command,
        PictureWidth = (uint)options.PictureSize,
        PictureHeight = (uint)options.PictureSize,
        SettingsJson = JsonSerializer.Serialize(new
        {
            pictureSize = options.PictureSize,
            temperature = options.Evaluation.Sampling.Temperature,
            minP = options.Evaluation.Sampling.MinP,
            maxTokens = options.Evaluation.MaxTokens,
        }),
    };

    // What the answers took.
    private static async Task<TokenCount> AnswerAsync(
        LeaderboardService.LeaderboardServiceClient board, Metadata headers, OpenRunReply run, Policy policy,
        HeldoutOptions options, int[] scenes, List<Answered>[] before, int step)
    {
        var seen = await board.ObserveAsync(new ObserveRunRequest
        {
            Run = run.Run,
            Token = run.Token,
            Scenes = { scenes.Select(scene => (uint)scene) },
            Width = (uint)options.PictureSize,
            Height = (uint)options.PictureSize,
        }, headers);
        int[] open = [.. Enumerable.Range(0, scenes.Length).Where(row => seen.Ended[row] == 0)];
        if (open.Length == 0)
        {
            return default;
        }

        Question[] questions = [.. open.Select(row => new Question(
            Seed: 0, seen.Prompts[row], Picture(seen.Pictures[row].Span), Expert: ""))];
        EncodedChat[] prompts =
            [.. questions.Select((question, i) => policy.Prompt(question, before[scenes[open[i]]]))];
        var written = policy.Write(
            prompts, new GenerationOptions
            {
                Sampling = options.Evaluation.Sampling,
                MaxNewTokens = options.Evaluation.MaxTokens,
                StopTokens = policy.StopTokens,
                Constraints = new AnswerConstraints(
                    policy, options.Evaluation.Constrain == AnswerConstraint.Answer, options.TaskOptions)
                    .Of(open.Select(_ => options.Task)),
                Seed = SeedSequence.Seed(options.Evaluation.Seed, scenes[0], microBatch: 0, step),
            });
        var request = new AnswerRequest { Run = run.Run, Token = run.Token };
        foreach (var (question, i) in questions.Select((question, i) => (question, i)))
        {
            var scene = scenes[open[i]];
            var text = policy.Text(written[i][0].TokenIds);
            before[scene].Add(new Answered(question, text));
            request.Answers.Add(new RunAnswer
            {
                Scene = (uint)scene,
                Step = (uint)step,
                Text = text,
                Confidence = Math.Min(1, Math.Exp(written[i][0].LogProbabilities.Sum(one => (double)one))),
            });
        }

        await board.AnswerAsync(request, headers);
        return new TokenCount(prompts.Sum(prompt => prompt.Ids.Length), Cached: 0,
            written.Sum(answers => answers[0].TokenIds.Length), Reasoning: 0);
    }

    private static RgbImage Picture(ReadOnlySpan<byte> png)
    {
        var picture = PictureDecoder.Decode(png);
        return new RgbImage(picture.Width, picture.Height, picture.Rgb);
    }
}
