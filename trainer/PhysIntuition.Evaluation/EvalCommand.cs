using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json.Nodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Evaluation;

/// <summary>eval --model M... --task T...: asks any models about any tasks, and leaves a folder.</summary>
public sealed class EvalCommand
{
    private readonly Option<string[]> _models = Many("--model", $"{ModelName.Forms}; LABEL=... names one.", true);
    private readonly Option<string[]> _tasks = Many("--task", "Tasks, with version.", true);
    private readonly Option<string> _taskOptions = Text("--task-options", "The tasks' options as a JSON object.", "");
    private readonly Option<string> _split = Text("--split", "train, val or test.", "test");
    private readonly Option<string[]> _suites = Many("--suite", "Suites beside the split, as tall-v1, or all.");
    private readonly Option<int> _questions =
        NumberOption.Of("--questions", "Scenes for each cell.", 100, new(1, 1_000_000));

    private readonly Option<int[]> _examples =
        NumberOption.Many<int>("--examples", "Numbers of solved scenes shown first, as 0 3.", new(0, 64));

    private readonly Option<int> _repeats =
        NumberOption.Of("--repeats", "Times that every scene is asked: pass@k.", 1, new(1, 1000));

    private readonly Option<int> _history = NumberOption.Of(
        "--history", "Earlier turns that stay in the conversation.", int.MaxValue, new(0, int.MaxValue));

    private readonly Option<int> _size =
        NumberOption.Of("--picture-size", "Pixels along a picture's side.", 224, new(16, 1024));

    private readonly Option<float> _temperature =
        NumberOption.Of("--temperature", "0 takes the best token.", 0f, new(0, 2));

    private readonly Option<float> _topP = NumberOption.Of("--top-p", "Nucleus of the draws; 1 is all.", 1f, new(0, 1));
    private readonly Option<float> _minP = NumberOption.Of(
        "--min-p", "Keeps tokens of this share of the best one's, where the server takes min_p.", 0f, new(0, 1));

    private readonly Option<int> _maxTokens =
        NumberOption.Of("--max-tokens", "Most tokens of an answer, thoughts included.", 4096, new(1, 1_000_000));

    private readonly Option<long> _seed = NumberOption.Of(
        "--seed", "Seed of the draws, where the server takes one; -1: none.", -1L, new(-1, int.MaxValue));

    private readonly Option<string[]> _stop = Many("--stop", "Texts that end an answer.");
    private readonly Option<string?> _effort = new("--reasoning-effort") { Description = "none, low, medium, high." };
    private readonly Option<string?> _detail = new("--detail") { Description = "OpenAI's low, high or auto." };
    private readonly Option<string> _constrain = Text("--constrain", "answer: only an answer in the task's form can "
        + "come, by a JSON schema from servers, in the decoder of folders. none: anything.", "none");

    private readonly Option<string> _extraBody =
        Text("--extra-body", "A JSON object whose members are added to every request.", "{}");

    private readonly Option<int> _concurrency =
        NumberOption.Of("--concurrency", "Most requests in flight.", 64, new(1, 4096));

    private readonly Option<int> _retries =
        NumberOption.Of("--retries", "Attempts after a failure that passes.", 8, new(1, 100));

    private readonly Option<double> _timeout =
        NumberOption.Of("--timeout", "Seconds for one attempt.", 300.0, new(1, 3600));

    private readonly Option<string?> _keyFrom = new("--key-from")
    {
        Description = "Environment variable with the key, where it is not the provider's usual one.",
    };

    private readonly Option<string?> _prices = new("--prices")
    {
        Description = $"A JSON file of dollars per million tokens: {Prices.Example}",
    };

    private readonly Option<double> _costLimit = NumberOption.Of("--limit-cost",
        "Dollars after which nothing more is sent, needs --prices; 0: no limit.", 0.0, new(0, 1_000_000));

    private readonly Option<string?> _cache = new("--cache")
    {
        Description = "A SQLite file of answers to equal requests at temperature 0.",
    };

    private readonly Option<bool> _cacheDraws = new("--cache-draws") { Description = "Caches drawn answers, too." };
    private readonly Option<string> _server = Text("--server", "Servers, separated by commas; none: this process.", "");
    private readonly Option<double> _patience = NumberOption.Of("--patience",
        "Seconds for which lost servers are waited for, the leaderboard's too.", 60.0, new(0, 86400));

    private readonly Option<string?> _photographs = PhotographsOption.Create();
    private readonly Option<string?> _out = new("--out") { Description = "The run's folder." };
    private readonly Option<bool> _resume = new("--resume") { Description = "Goes on with the run in --out." };
    private readonly Option<string?> _leaderboard = new("--leaderboard")
    {
        Description = "A server's gRPC address, as http://127.0.0.1:50051: plays held-out runs of its leaderboard, " +
            "and nothing else. An API token is taken from the environment: PHYSINTUITION_TOKEN.",
    };

    private readonly Option<string> _name = Text("--name", "The method's name there; the model's without it.", "");
    private readonly Option<string> _trainedOn = Text("--trained-on", "Task the method was trained on.", "");
    private readonly Option<bool> _closesIncomplete = new("--close-incomplete")
    {
        Description = "With --leaderboard: closes a run although some scenes were never answered.",
    };

    private readonly Option<int> _films = FilmsOption();
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Counts requests; sends nothing." };

    private readonly Func<ParseResult, IFolderModels>? _folders;

    private EvalCommand(Func<ParseResult, IFolderModels>? folders) => _folders = folders;

    /// <summary>The command.</summary>
    /// <param name="folders">Opens folders of weights; null where the program cannot.</param>
    public static Command Create(Func<ParseResult, IFolderModels>? folders = null)
    {
        var eval = new EvalCommand(folders);
        var command = new Command("eval", "Ask models about tasks: hosted, trained here, scripted, recorded.")
        {
            eval._models, eval._tasks, eval._taskOptions, eval._split, eval._suites, eval._questions, eval._examples,
            eval._repeats, eval._history, eval._size, eval._temperature, eval._topP, eval._minP, eval._maxTokens,
            eval._seed, eval._stop, eval._effort, eval._detail, eval._constrain, eval._extraBody,
            eval._concurrency, eval._retries, eval._timeout,
            eval._keyFrom, eval._prices, eval._costLimit, eval._cache, eval._cacheDraws, eval._server, eval._patience,
            eval._photographs, eval._out, eval._resume, eval._films, eval._dryRun,
            eval._leaderboard, eval._name, eval._trainedOn, eval._closesIncomplete,
            RescoreCommand.Create(), CompareCommand.Create(), SchemaCommand(),
        };
        command.SetAction(eval.RunAsync);
        return command;
    }

    /// <summary>How many scenes of each cell are filmed for the page.</summary>
    internal static Option<int> FilmsOption() => NumberOption.Of("--films",
        "Scenes of each cell whose film the page shows: what physics did with the answer.", 32, new(0, 1_000_000));

    private static Command SchemaCommand()
    {
        var command = new Command("schema", "Print the JSON Schema of a run's folder.");
        command.SetAction(_ => Console.Out.Write(RunSchema.Text()));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        PhotographsOption.Count(parsed, _photographs);
        var plan = Read(parsed);
        if (parsed.GetValue(_dryRun))
        {
            var count = plan.Cells.Count() * plan.Questions * plan.Repeats;
            parsed.InvocationConfiguration.Output.WriteLine($"{plan.Cells.Count()} cells, {count} scenes; at least "
                + $"{count} requests, each with {plan.Examples.Max() + 1} picture(s) of {plan.PictureSize} x "
                + $"{plan.PictureSize} pixels and at most {plan.Generation.MaxTokens} tokens of answer.");
            return 0;
        }

        var path = parsed.GetValue(_out)
            ?? throw new ArgumentException("'--out' is missing; name the folder that the run is kept in.");
        var prices = parsed.GetValue(_prices) is { } file ? Prices.Load(file) : null;
        if (prices is null && plan.CostLimit is not null)
        {
            throw new ArgumentException("'--limit-cost' needs --prices, a file that says what tokens cost.");
        }

        using var models = new OpenModels(parsed.GetValue(_keyFrom), parsed.GetValue(_cache),
            parsed.GetValue(_cacheDraws), _folders?.Invoke(parsed));
        models.Check(plan);
        using var folder = RunFolder.Open(path, plan, parsed.GetValue(_resume));
        if (parsed.GetValue(_leaderboard) is { } address)
        {
            using var heldout = new HeldoutEvaluation(plan, ReadHeldout(parsed, address), folder, prices);
            foreach (var sentence in await heldout.RunAsync(
                model => models.Open(model, scenes: null, plan), models.LimitOf, cancellation).ConfigureAwait(false))
            {
                Console.WriteLine(sentence);
            }

            return cancellation.IsCancellationRequested ? 1 : 0;
        }

        using var clients = EnvironmentClients.Open(
            parsed.GetValue(_server)!, TimeSpan.FromSeconds(parsed.GetValue(_patience)));
        await AskAsync(plan, clients, folder, prices, models, cancellation).ConfigureAwait(false);
        var samples = Films.Add(path, plan.TaskOptions, folder.Samples, parsed.GetValue(_films));
        folder.Dispose();
        RunFolder.WriteSamples(path, samples);
        var cells = RunTables.Cells(samples, task => AnchorsOf(clients, task), prices);
        RunTables.Write(path, cells, samples);
        Report(path, cells, samples);
        return cancellation.IsCancellationRequested ? 1 : 0;
    }

    private static async Task AskAsync(
        EvaluationPlan plan, EnvironmentClients clients, RunFolder folder, Prices? prices, OpenModels models,
        CancellationToken cancellation)
    {
        var run = new EvaluationRun(plan, clients.All[0], folder, prices);
        var shown = System.Diagnostics.Stopwatch.StartNew();
        await run.RunAsync(
            (model, scenes) => models.Open(model, scenes, plan), models.LimitOf,
            (done, all) =>
            {
                if (done == all || shown.ElapsedMilliseconds > 1000)
                {
                    shown.Restart();
                    Console.Error.WriteLine($"{done} of {all} scenes");
                }
            }, cancellation).ConfigureAwait(false);
        if (cancellation.IsCancellationRequested)
        {
            Console.Error.WriteLine($"Stopped; what was answered is in {folder.Path}. --resume goes on.");
        }
    }

    /// <summary>What a random player and the expert earn in a task.</summary>
    internal static V1.RewardInfo AnchorsOf(EnvironmentClients clients, string task) =>
        clients.All[0].GetTaskAsync(task).AsTask().GetAwaiter().GetResult().Reward;

    internal static void Report(
        string path, IReadOnlyList<EvaluationCell> cells, IReadOnlyList<EvaluationSample> samples)
    {
        if (RunTables.Warning(cells, samples) is { } warning)
        {
            Console.WriteLine(warning);
        }

        foreach (var line in RunTables.Lines(cells))
        {
            Console.WriteLine(line);
        }

        Console.WriteLine($"Scenes, pictures and answers: {Path.Combine(path, "index.html")}");
    }

    private HeldoutPlan ReadHeldout(ParseResult parsed, string address) => new()
    {
        Leaderboard = EnvironmentClients.Address(address), Method = parsed.GetValue(_name)!,
        TrainedOn = parsed.GetValue(_trainedOn)!, Identity = Leaderboard.Ed25519Key.UserFile,
        Command = "./physintuition " + string.Join(' ', Environment.GetCommandLineArgs()[1..]),
        ClosesIncomplete = parsed.GetValue(_closesIncomplete),
        Patience = TimeSpan.FromSeconds(parsed.GetValue(_patience)),
    };

    // Of held-out scenes there are no solved ones to show, every one is asked once, and a player cannot look into them.
    private static EvaluationPlan RequireHeldout(EvaluationPlan plan, string name)
    {
        var fault = plan.Examples is not [0] ? "--examples shows solved scenes, and held-out ones are not told"
            : plan.Repeats > 1 ? "--repeats asks again, and held-out answers are final"
            : name.Length > 0 && plan.Models.Count > 1 ? "--name names one method, and there are several --model"
            : plan.Models.FirstOrDefault(model => model.Provider == Provider.Player) is { } player
                ? $"player:{player.Name} looks into the scene; './physintuition leaderboard baselines' plays it"
            : null;
        return fault is null ? plan : throw new ArgumentException($"With --leaderboard: {fault}.");
    }

    private EvaluationPlan Read(ParseResult parsed)
    {
        var isHeldout = parsed.GetValue(_leaderboard) is not null;
        var split = isHeldout ? "heldout" : parsed.GetValue(_split)!;
        string[] tasks = [.. parsed.GetValue(_tasks)!.Select(task => TaskCatalog.Find(task).Spec.Id)];
        var suites = parsed.GetValue(_suites) ?? [];
        RequireKnown(tasks, split, suites);
        var names = suites.Contains("all")
            ? tasks.SelectMany(task => SuiteCatalog.Of(TaskCatalog.Find(task).Spec)).Select(suite => suite.Name)
                .Distinct()
            : suites;
        string[] splits = [split, .. names.Select(name => $"{split}/{name}")];
        foreach (var (task, place) in tasks.SelectMany(task => splits.Select(place => (task, place))))
        {
            if (suites.Contains("all") && place != split)
            {
                continue;
            }

            SuiteCatalog.Find(TaskCatalog.Find(task).Spec, place);
        }

        var plan = new EvaluationPlan
        {
            Models = ModelName.ParseAll(parsed.GetValue(_models)!),
            Tasks = tasks,
            TaskOptions = parsed.GetValue(_taskOptions)!,
            Splits = splits,
            Questions = parsed.GetValue(_questions),
            Examples = parsed.GetValue(_examples) is { Length: > 0 } shown ? shown : [0],
            Repeats = parsed.GetValue(_repeats),
            History = parsed.GetValue(_history),
            PictureSize = parsed.GetValue(_size),
            CostLimit = parsed.GetValue(_costLimit) is > 0 and var dollars ? dollars : null,
            Generation = ReadGeneration(parsed),
        };
        return isHeldout ? RequireHeldout(plan, parsed.GetValue(_name)!) : plan;
    }

    private static void RequireKnown(string[] tasks, string split, string[] suites)
    {
        TaskSpec[] specs = [.. tasks.Select(task => TaskCatalog.Find(task).Spec)];
        Require("--split", split,
            specs.SelectMany(spec => spec.Splits).Select(one => one.ToString().ToLowerInvariant()));
        foreach (var suite in suites)
        {
            Require("--suite", suite, specs.SelectMany(SuiteCatalog.Of).Select(one => one.Name).Append("all"));
        }

        static void Require(string option, string value, IEnumerable<string> known)
        {
            if (!known.Contains(value))
            {
                throw KnownNames.Unknown(option, value, [.. known.Distinct()]);
            }
        }
    }

    private GenerationSettings ReadGeneration(ParseResult parsed)
    {
        var extra = ReadObject(parsed.GetValue(_extraBody)!);
        if (parsed.GetValue(_effort) is { } effort)
        {
            extra["reasoning_effort"] = OneOf("--reasoning-effort", effort, "none", "minimal", "low", "medium", "high");
        }

        if (parsed.GetValue(_minP) is > 0 and var minP)
        {
            extra["min_p"] = minP;
        }

        return new GenerationSettings
        {
            Temperature = parsed.GetValue(_temperature),
            TopP = parsed.GetValue(_topP) is < 1 and var topP ? topP : null,
            MaxTokens = parsed.GetValue(_maxTokens),
            Seed = parsed.GetValue(_seed) is >= 0 and var seed ? seed : null,
            Stop = parsed.GetValue(_stop) ?? [],
            ReasoningEffort = parsed.GetValue(_effort),
            Constrain = ReadConstraint(parsed),
            Detail = parsed.GetValue(_detail) is { } detail ? OneOf("--detail", detail, "low", "high", "auto") : null,
            ExtraBody = extra,
            Concurrency = parsed.GetValue(_concurrency),
            Retries = parsed.GetValue(_retries),
            AttemptTimeout = TimeSpan.FromSeconds(parsed.GetValue(_timeout)),
        };
    }

    /// <summary>What --constrain says.</summary>
    public static AnswerConstraint ReadConstraint(ParseResult parsed) =>
        OneOf("--constrain", parsed.GetValue<string>("--constrain")!, "none", "answer") == "answer"
            ? AnswerConstraint.Answer : AnswerConstraint.None;

    private static JsonObject ReadObject(string json)
    {
        try
        {
            return JsonNode.Parse(json) as JsonObject
                ?? throw new ArgumentException($"'--extra-body' is {json}; it must be a JSON object.");
        }
        catch (JsonException wrong)
        {
            throw new ArgumentException($"'--extra-body' is {json}; it must be a JSON object: {wrong.Message}", wrong);
        }
    }

    private static string OneOf(string option, string value, params string[] known) =>
        known.Contains(value) ? value : throw KnownNames.Unknown(option, value, known);

    private static Option<string> Text(string name, string description, string value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static Option<string[]> Many(string name, string description, bool isRequired = false) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true, Required = isRequired };
}
