using PhysIntuition.Server.Trainers;

namespace PhysIntuition.Server.Commands;

/// <summary><c>open</c>, <c>resume</c> and <c>close</c>: a held-out run from files, for programs in any
/// language.</summary>
internal static class RunVerbs
{
    private const int ScenesPerCall = 64;

    private static readonly Argument<FileInfo> s_file = new("file") { Description = "The run file that open wrote." };
    private static readonly Argument<FileInfo> s_new = new("file") { Description = "A new run file." };
    private static readonly Option<string> s_method = new("--method")
    {
        Description = "Name of the method, 1 to 80 characters.",
        Required = true,
    };

    private static readonly Option<string> s_task = new("--task") { Description = "The task.", Required = true };
    private static readonly Option<string> s_suite = TextOption.Of("--suite", "A suite of the task, such as tall-v1.");
    private static readonly Option<string> s_options = TextOption.Of("--options", "The task's options, a JSON object.");
    private static readonly Option<string> s_trained =
        TextOption.Of("--trained-on", "Task that the method was trained on.");
    private static readonly Option<string> s_settings =
        TextOption.Of("--settings", "How it works and was run, a JSON object.");
    private static readonly Option<string> s_command =
        TextOption.Of("--command", "The command that reproduces the run.");
    private static readonly Option<FileInfo> s_identity = new("--identity")
    {
        Description = "Key of whoever owns the method, made when it is missing: the name belongs to it from its " +
            "first run on. A server with API tokens goes by those.",
        DefaultValueFactory = _ => new FileInfo(Ed25519Key.UserFile),
    };

    private static readonly Option<bool> s_anonymous = new("--anonymous")
    {
        Description = "Claim no name: the table shows the run, and that nobody knows whose it is.",
    };

    private static readonly Option<uint> s_count =
        NumberOption.Of("--count", "Scenes, 1 to 10,000.", 200u, new(1, 10_000));

    private static readonly Option<DirectoryInfo?> s_scenes = new("--scenes")
    {
        Description = "Writes pictures and prompts of the scenes that wait for an answer into this folder: NNNNN.png " +
            "and scenes.jsonl with scene, step, prompt, picture.",
    };

    private static readonly Option<FileInfo?> s_answers = new("--answers")
    {
        Description = "Sends answers: a JSON object in each line with scene, text, and perhaps step and confidence.",
    };

    public static Command Open()
    {
        var command = new Command("open", "Open a run on a server; its id and secret go into a run file.")
        {
            s_new, s_method, s_task, s_suite, s_options, s_count, s_trained, s_settings, s_command,
            s_identity, s_anonymous,
            RemoteLeaderboard.Server,
        };
        command.SetAction((arguments, _) => OpenAsync(arguments));
        return command;
    }

    public static Command Resume()
    {
        var command = new Command("resume",
            "Go on with a run: send answers, then say where it is, then fetch the scenes that wait. Sending the same " +
            "answers again is harmless.")
        {
            s_file, s_answers, s_scenes,
        };
        command.SetAction((arguments, _) => ResumeAsync(arguments));
        return command;
    }

    public static Command Close()
    {
        var command = new Command("close", "Close a run: its answers are scored, once.") { s_file };
        command.SetAction((arguments, _) => CloseAsync(arguments));
        return command;
    }

    private static async Task<int> OpenAsync(ParseResult arguments)
    {
        var server = arguments.GetValue(RemoteLeaderboard.Server)!;
        // A run counts from its opening, and its secret is told once: the file that keeps it is there before.
        using var file = RunFile.Create(arguments.GetValue(s_new)!);
        using var remote = new RemoteLeaderboard(server);
        var request = new OpenRunRequest
        {
            Method = arguments.GetValue(s_method),
            Task = arguments.GetValue(s_task),
            Suite = arguments.GetValue(s_suite),
            OptionsJson = arguments.GetValue(s_options),
            Count = arguments.GetValue(s_count),
            TrainedOn = arguments.GetValue(s_trained),
            SettingsJson = arguments.GetValue(s_settings),
            Command = arguments.GetValue(s_command),
        };
        if (!arguments.GetValue(s_anonymous))
        {
            using var key = Ed25519Key.LoadOrCreate(arguments.GetValue(s_identity)!.FullName);
            NameClaim.Sign(key, (await remote.GetAsync<ListSeasonsReply>("seasons")).Seasons, request);
        }

        var opened = await remote.PostAsync<OpenRunReply>("runs", request);
        file.Keep(new RunFile(server, opened.Run, opened.Token));
        Print(opened.Status, arguments.Out());
        return 0;
    }

    private static async Task<int> ResumeAsync(ParseResult arguments)
    {
        var run = RunFile.Read(arguments.GetValue(s_file)!);
        using var remote = new RemoteLeaderboard(run.Server);
        if (arguments.GetValue(s_answers) is { } answers)
        {
            // The whole file is read first: what is sent is final.
            foreach (var some in ReadAnswers(answers).ToArray().Chunk(1000))
            {
                var reply = await remote.PostAsync<AnswerReply>(
                    $"runs/{run.Run}/answers", new AnswerRequest { Answers = { some } }, run.Token);
                arguments.Out().WriteLine($"{some.Length} answers sent, {reply.Accepted} of them new.");
            }
        }

        var status = await remote.GetAsync<RunStatus>($"runs/{run.Run}", run.Token);
        Print(status, arguments.Out());
        if (arguments.GetValue(s_scenes) is { } folder)
        {
            var waiting = await WriteScenesAsync(remote, run, status, folder);
            arguments.Out().WriteLine($"{waiting} scenes wait for an answer; they are in {folder.FullName}.");
        }

        return 0;
    }

    private static async Task<int> CloseAsync(ParseResult arguments)
    {
        var run = RunFile.Read(arguments.GetValue(s_file)!);
        using var remote = new RemoteLeaderboard(run.Server);
        var score = await remote.PostAsync<RunScore>($"runs/{run.Run}/close", new CloseRunRequest(), run.Token);
        arguments.Out().WriteLine(
            FormattableString.Invariant($"{score.Mean:F4} ({score.Low:F4} to {score.High:F4}) over ") +
            $"{score.Count} scenes that count now, {score.Unanswered} of them unanswered; digest {score.Digest}");
        return 0;
    }

    private static void Print(RunStatus status, TextWriter output)
    {
        var answered = status.Answered.Count(answers => answers > 0);
        var deadline = DateTimeOffset.FromUnixTimeMilliseconds(status.DeadlineUnixMs);
        output.WriteLine($"Run {status.Run} of '{status.Method}' on {status.Task} in {status.Season}: " +
            $"{status.State}, {answered} of {status.Count} scenes answered, takes answers until {deadline:u}.");
    }

    private static async Task<int> WriteScenesAsync(
        RemoteLeaderboard remote, RunFile run, RunStatus status, DirectoryInfo folder)
    {
        folder.Create();
        var waiting = Enumerable.Range(0, (int)status.Count).Where(scene => status.Answered[scene] < status.MaxSteps);
        var lines = new List<string>();
        foreach (var some in waiting.Chunk(ScenesPerCall))
        {
            var seen = await remote.PostAsync<ObserveRunReply>($"runs/{run.Run}/observe",
                new ObserveRunRequest { Scenes = { some.Select(scene => (uint)scene) } }, run.Token);
            for (var i = 0; i < some.Length; i++)
            {
                if (seen.Ended[i] == 0)
                {
                    var picture = $"{some[i]:D5}.png";
                    await File.WriteAllBytesAsync(
                        Path.Combine(folder.FullName, picture), seen.Pictures[i].ToByteArray());
                    lines.Add(new JsonObject
                    {
                        ["scene"] = some[i],
                        ["step"] = status.Answered[some[i]],
                        ["picture"] = picture,
                        ["prompt"] = seen.Prompts[i],
                    }.ToJsonString());
                }
            }
        }

        await File.WriteAllLinesAsync(Path.Combine(folder.FullName, "scenes.jsonl"), lines);
        return lines.Count;
    }

    private static IEnumerable<RunAnswer> ReadAnswers(FileInfo file)
    {
        foreach (var (number, line) in File.ReadLines(file.FullName).Index())
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            RunAnswer answer;
            try
            {
                AnswerJson.Check(JsonBody.Parse(Encoding.UTF8.GetBytes(line)), $"line {number + 1}");
                answer = JsonParser.Default.Parse<RunAnswer>(line);
            }
            catch (Exception wrong) when (
                wrong is InvalidProtocolBufferException or InvalidJsonException or JsonException)
            {
                throw new PhysIntuitionException(Fault.InvalidArgument, "--answers",
                    $"Line {number + 1} of '{file.FullName}' is no answer: {wrong.Message} Write " +
                    """{"scene": 0, "text": "<answer>yes</answer>"}.""");
            }

            yield return answer;
        }
    }
}
