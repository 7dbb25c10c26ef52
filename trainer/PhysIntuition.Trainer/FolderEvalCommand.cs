using System.CommandLine;
using System.CommandLine.Invocation;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Trainer.Hosting;

namespace PhysIntuition.Trainer;

/// <summary>eval of the evaluation's program, with folders of weights; and what takes training: --adapt.</summary>
internal sealed class FolderEvalCommand
{
    private readonly Option<string> _device = One("--device", "cpu, cuda or cuda:1; for folders.", "cpu");
    private readonly Option<int[]> _adapt = NumberOption.Many<int>("--adapt",
        "Folders alone: asks after these numbers of supervised steps, as 25 100.", new(1, 1_000_000));

    private readonly Option<string?> _json = OutputOption.Of("--json", "With --adapt: write the cells into this file.");
    private readonly Option<string?> _csv = OutputOption.Of("--csv", "With --adapt: write the cells into this file.");
    private readonly Option<string?> _picture =
        OutputOption.Of("--picture", "With --adapt: draw the table into this SVG file.");

    public static Command Create()
    {
        var eval = new FolderEvalCommand();
        var command = PhysIntuition.Evaluation.EvalCommand.Create(
            parsed => new FolderModels(parsed.GetValue(eval._device)!));
        var ask = (AsynchronousCommandLineAction)command.Action!;
        Option[] own = [eval._device, eval._adapt, eval._json, eval._csv, eval._picture];
        Array.ForEach(own, command.Add);
        command.Add(ProbeCommand.Create());
        command.Validators.Add(result =>
        {
            if (result.GetResult(eval._adapt) is null or { Implicit: true } && own[^3..].FirstOrDefault(
                option => result.GetResult(option) is { Implicit: false }) is { } table)
            {
                result.AddError($"'{table.Name}' goes with --adapt; without it the table is in --out, as table.json, "
                    + "table.csv and table.svg.");
            }
        });
        command.Validators.Add(result =>
        {
            if (result.GetResult(eval._adapt) is { Implicit: false } && result.GetResult("--leaderboard") is not null)
            {
                result.AddError("'--adapt' learns from solved scenes, and those of '--leaderboard' are not told; leave "
                    + "one of them out.");
            }
        });
        command.SetAction((parsed, cancellation) =>
            parsed.GetValue(eval._adapt) is { Length: > 0 }
                ? TrainerCommands.RunStoppable(() => eval.RunAdaptation(parsed))
                : ask.InvokeAsync(parsed, cancellation));
        return command;
    }

    /// <summary>Reads "NAME=FOLDER", or a folder.</summary>
    /// <exception cref="ArgumentException">It is none, or holds no model.</exception>
    internal static (string Name, string Folder) Model(string text)
    {
        var model = ModelName.Parse(text);
        return model.Provider == Provider.Folder ? (model.Label, Policy.RequireFolder(model.Name))
            : throw new ArgumentException($"'--model' is {text}; it must be a folder of weights here.");
    }

    private void RunAdaptation(ParseResult parsed)
    {
        var options = Read(parsed) with { AdaptationSteps = parsed.GetValue(_adapt)! };
        using var clients = EnvironmentClients.Open(parsed.GetValue<string>("--server")!);
        Generalisation.RequireKnown(clients, options);
        var cells = new List<Cell>();
        (string Name, string Folder)[] models = [.. parsed.GetValue<string[]>("--model")!.Select(Model)];
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

    private static GeneralisationOptions Read(ParseResult parsed)
    {
        var (split, tasks) = (parsed.GetValue<string>("--split")!, parsed.GetValue<string[]>("--task")!);
        var suites = parsed.GetValue<string[]>("--suite") ?? [];
        var names = suites.Contains("all")
            ? tasks.SelectMany(task => SuiteCatalog.Of(TaskCatalog.Find(task).Spec)).Select(suite => suite.Name)
                .Distinct()
            : suites;
        var usual = new GeneralisationOptions { Tasks = tasks };
        var evaluation = new EvaluationOptions { Questions = 500 };
        return usual with
        {
            Photographs = parsed.GetValue<string?>("--photographs") is { } folder
                ? Environments.Observations.PictureLibrary.Add("towers", folder).Count : 0,
            TaskOptions = parsed.GetValue<string>("--task-options")!,
            Splits = [split, .. names.Select(name => $"{split}/{name}")],
            Examples = parsed.GetValue<int[]>("--examples") is { Length: > 0 } shown ? shown : [0],
            PictureSize = Given(parsed, "--picture-size", usual.PictureSize),
            Evaluation = evaluation with
            {
                Questions = Given(parsed, "--questions", evaluation.Questions),
                MaxTokens = Given(parsed, "--max-tokens", evaluation.MaxTokens),
                Constrain = PhysIntuition.Evaluation.EvalCommand.ReadConstraint(parsed),
                Sampling = new SamplingOptions
                {
                    Temperature = parsed.GetValue<float>("--temperature"), MinP = parsed.GetValue<float>("--min-p"),
                },
            },
        };
    }

    /// <summary>What the command line says, or what training takes.</summary>
    private static int Given(ParseResult parsed, string option, int otherwise) =>
        parsed.GetResult(option) is System.CommandLine.Parsing.OptionResult { Implicit: false }
            ? parsed.GetValue<int>(option) : otherwise;

    private static Option<T> One<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}

/// <summary>eval probe: how well every layer's activations decode offset, margin and block count.</summary>
internal static class ProbeCommand
{
    public static Command Create()
    {
        var models = new Option<string[]>("--model")
        {
            Description = "Model or adapter folders; NAME=FOLDER names one.", Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var task = new Option<string>("--task") { Description = "A task with scenes.", Required = true };
        var size = NumberOption.Of("--picture-size", "Pixels.", 96, new(16, 1024));
        var fit = NumberOption.Of("--fit", "Training scenes.", 400, new(10, 1_000_000));
        var test = NumberOption.Of("--questions", "Test scenes.", 200, new(5, 1_000_000));
        var device = new Option<string>("--device") { Description = "cpu, cuda.", DefaultValueFactory = _ => "cpu" };
        var json = OutputOption.Of("--json", "Write the results into this file.");
        var picture = OutputOption.Of("--picture", "Draw the curves into this SVG file.");
        var command = new Command("probe", "Regress scene quantities on every layer's activations.")
        {
            models, task, size, fit, test, device, json, picture,
        };
        command.SetAction(parsed =>
        {
            using var clients = EnvironmentClients.Open("");
            var results = new List<ProbeResult>();
            foreach (var (name, folder) in parsed.GetValue(models)!.Select(FolderEvalCommand.Model).ToArray())
            {
                using var policy = Policy.Open(folder, new PolicyOptions { Device = parsed.GetValue(device)! });
                results.AddRange(LayerProbe.Run(clients, name, policy, parsed.GetValue(task)!, parsed.GetValue(size),
                    (parsed.GetValue(fit), parsed.GetValue(test))));
            }

            ProbeFiles.Print(results);
            ProbeFiles.Write(results, parsed.GetValue(json), parsed.GetValue(picture));
            return 0;
        });
        return command;
    }
}
