using System.CommandLine;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Evaluation.Commands;
using PhysIntuition.Evaluation.InProcess;
using PhysIntuition.Trainer.Evaluation;
using PhysIntuition.Trainer.Policies;
using PhysIntuition.Trainer.Reports;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm.Generation;

namespace PhysIntuition.Trainer.Commands;

/// <summary>eval --model DIR... --task ID...: the table of generalisation, as text, JSON, CSV, a picture.</summary>
internal sealed class EvalCommand
{
    private readonly Option<string[]> _models =
        Many<string>("--model", "Model or adapter folders; NAME=FOLDER names one.");

    private readonly Option<string[]> _tasks = Many<string>("--task", "Tasks, with version.");
    private readonly Option<string> _taskOptions = One("--task-options", "The tasks' options as a JSON object.", "");
    private readonly Option<string> _split = One("--split", "train, val or test.", "test");
    private readonly Option<string[]> _suites = Many<string>("--suite", "Suites beside the split, as tall-v1, or all.");
    private readonly Option<string?> _photographs = PhotographsOption.Create();

    private readonly Option<int> _questions =
        Options.Number("--questions", "Scenes for each cell.", 500, new(1, 1_000_000));

    private readonly Option<int> _size =
        Options.Number("--picture-size", "Pixels along a picture's side.", 96, new(16, 1024));

    private readonly Option<float> _temperature =
        Options.Number("--temperature", "0 takes the best token.", 0f, new(0, 100));

    private readonly Option<float> _minP =
        Options.Number("--min-p", "Keeps tokens of this share of the best one's.", 0f, new(0, 1));

    private readonly Option<int[]> _examples =
        Options.Numbers<int>("--examples", "Numbers of answered scenes shown first, as 0 3 5.", new(0, 64));

    private readonly Option<int[]> _adapt =
        Options.Numbers<int>("--adapt", "Numbers of supervised steps before asking, as 25 100.", new(1, 1_000_000));

    private readonly Option<string> _server = One("--server", "Servers, separated by commas; none: this process.", "");
    private readonly Option<string?> _leaderboard = new("--leaderboard")
    {
        Description = "A server's gRPC address, as http://127.0.0.1:50051: plays held-out runs of its leaderboard, " +
            "and nothing else. An API token is taken from the environment: PHYSINTUITION_TOKEN.",
    };

    private readonly Option<string?> _name = new("--name")
    {
        Description = "The method's name on the leaderboard; the model's without it.",
    };

    private readonly Option<string> _trainedOn = One("--trained-on", "Task the method was trained on.", "");
    private readonly Option<string> _device = One("--device", "cpu, cuda or cuda:1.", "cpu");
    private readonly Option<string?> _json = Options.Output("--json", "Write the cells into this file.");
    private readonly Option<string?> _csv = Options.Output("--csv", "Write the cells into this file.");
    private readonly Option<string?> _picture = Options.Output("--picture", "Draw the table into this SVG file.");

    public static Command Create()
    {
        var eval = new EvalCommand();
        eval._models.Required = eval._tasks.Required = true;
        var command = new Command("eval", "Evaluate models on tasks: the table of generalisation.")
        {
            eval._models, eval._tasks, eval._taskOptions, eval._split, eval._suites, eval._photographs, eval._questions,
            eval._size, eval._temperature, eval._minP, eval._examples, eval._adapt, eval._server, eval._device,
            eval._leaderboard, eval._name, eval._trainedOn, eval._json, eval._csv, eval._picture, ProbeCommand.Create(),
        };
        command.SetAction((parsed, _) => CommandLine.RunStoppable(() => eval.Run(parsed)));
        return command;
    }

    /// <summary>Reads "NAME=FOLDER", or a folder, which is called by its last two parts.</summary>
    /// <exception cref="ArgumentException">There is no such folder, or it holds no model.</exception>
    internal static (string Name, string Folder) Model(string text)
    {
        // The "=" of a folder such as runs/lr=3e-4/final belongs to its name.
        var at = Directory.Exists(text) ? -1 : text.IndexOf('=', StringComparison.Ordinal);
        if (at > 0 && !text[..at].Contains('/', StringComparison.Ordinal))
        {
            return (text[..at], Policy.RequireFolder(text[(at + 1)..]));
        }

        Policy.RequireFolder(text);
        var parts = Path.GetFullPath(text).Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        return (string.Join('/', parts[^Math.Min(2, parts.Length)..]), text);
    }

    private void Run(ParseResult parsed)
    {
        var options = Read(parsed);
        if (parsed.GetValue(_leaderboard) is { } leaderboard)
        {
            RunHeldout(parsed, EnvironmentClients.Address(leaderboard), options);
            return;
        }

        using var clients = EnvironmentClients.Open(parsed.GetValue(_server)!);
        Generalisation.RequireKnown(clients, options);
        var cells = new List<Cell>();
        (string Name, string Folder)[] models = [.. parsed.GetValue(_models)!.Select(Model)];
        Console.WriteLine(
            "model            task                           shown adapted     n   reward (95 %)  success  as expert"
            + "  readable  expert's");
        foreach (var (name, folder) in models)
        {
            var device = new PolicyOptions { Device = parsed.GetValue(_device)! };
            foreach (var cell in Generalisation.Run(clients, name, () => Policy.Open(folder, device), options))
            {
                Console.WriteLine(cell);
                cells.Add(cell);
                CellFiles.Write(cells, parsed.GetValue(_json), parsed.GetValue(_csv), parsed.GetValue(_picture));
            }
        }
    }

    private void RunHeldout(ParseResult parsed, Uri leaderboard, GeneralisationOptions options)
    {
        string[] suites = [.. options.Splits.Select(split => split.Split('/', 2).ElementAtOrDefault(1) ?? "")];
        foreach (var (name, folder) in parsed.GetValue(_models)!.Select(Model))
        {
            using var policy = Policy.Open(folder, new PolicyOptions { Device = parsed.GetValue(_device)! });
            foreach (var (task, suite) in options.Tasks.SelectMany(task => suites.Select(suite => (task, suite))))
            {
                var score = HeldoutRun.PlayAsync(policy, leaderboard, new HeldoutOptions
                {
                    Method = parsed.GetValue(_name) ?? name,
                    Task = task,
                    Suite = suite,
                    TaskOptions = options.TaskOptions,
                    TrainedOn = parsed.GetValue(_trainedOn)!,
                    PictureSize = options.PictureSize,
                    Evaluation = options.Evaluation,
                    Identity = PhysIntuition.Leaderboard.Results.Ed25519Key.UserFile,
                    Command = "./physintuition " + string.Join(' ', Environment.GetCommandLineArgs()[1..]),
                }).GetAwaiter().GetResult();
                Console.WriteLine($"{name} on {task}{(suite.Length > 0 ? $"/{suite}" : "")}: {score.Mean:0.000} " +
                    $"({score.Low:0.000} to {score.High:0.000}) over {score.Count} scenes that count now");
            }
        }
    }

    private GeneralisationOptions Read(ParseResult parsed)
    {
        var split = parsed.GetValue(_split)!;
        var suites = parsed.GetValue(_suites) ?? [];
        var names = suites.Contains("all")
            ? parsed.GetValue(_tasks)!.SelectMany(task => SuiteCatalog.Of(TaskCatalog.Find(task).Spec))
                .Select(suite => suite.Name).Distinct()
            : suites;
        return new GeneralisationOptions
        {
            Tasks = parsed.GetValue(_tasks)!,
            Photographs = PhotographsOption.Count(parsed, _photographs),
            TaskOptions = parsed.GetValue(_taskOptions)!,
            Splits = [split, .. names.Select(name => $"{split}/{name}")],
            Examples = parsed.GetValue(_examples) is { Length: > 0 } shown ? shown : [0],
            AdaptationSteps = parsed.GetValue(_adapt) ?? [],
            PictureSize = parsed.GetValue(_size),
            Evaluation = new EvaluationOptions
            {
                Questions = parsed.GetValue(_questions),
                Sampling = new SamplingOptions
                {
                    Temperature = parsed.GetValue(_temperature), MinP = parsed.GetValue(_minP),
                },
            },
        };
    }

    private static Option<T> One<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static Option<T[]> Many<T>(string name, string description) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true };
}
