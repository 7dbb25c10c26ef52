using System.Diagnostics;
using System.Text.Json;
using PhysIntuition.Evaluation.InProcess;
using PhysIntuition.Trainer.Evaluation;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm.Weights;

namespace PhysIntuition.Trainer.Study;

/// <summary>The whole study: train both arms on every task, ask all about all, probe, report.</summary>
/// <remarks>
/// Every run is a folder under runs/ and every result a file under results/; what is there is not done again, so a
/// study that was stopped goes on where it was.
/// </remarks>
/// <param name="plan">What is done.</param>
/// <param name="model">"tiny" or a model folder.</param>
/// <param name="photographs">Labelled photographs at hand.</param>
/// <param name="folder">Where everything is kept.</param>
internal sealed class Experiment(ExperimentPlan plan, string model, int photographs, string folder)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>Does what is left to do, and writes the report.</summary>
    /// <returns>The report's path.</returns>
    public string Run(CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.Combine(folder, "results"));
        var models = plan.Tasks.SelectMany(task => Train(task, cancellation)).ToArray();
        cancellation.ThrowIfCancellationRequested();
        using var clients = EnvironmentClients.Open("");
        var cells = models.SelectMany(trained => Keep(
            $"cells-{trained.Name}.json", () => Ask(clients, trained).ToArray())).ToArray();
        cancellation.ThrowIfCancellationRequested();
        var probes = models.SelectMany(trained => Keep(
            $"probes-{trained.Name}.json", () => Probe(clients, trained).ToArray())).ToArray();
        Say("report");
        return ExperimentReport.Write(new Study(plan, model, models, cells, probes), folder);
    }

    private IEnumerable<TrainedModel> Train(string task, CancellationToken cancellation)
    {
        var name = task[..task.LastIndexOf("-v", StringComparison.Ordinal)];
        var words = string.Join(',', plan.Tasks);
        var begin = model;
        if (plan.Start is { } start)
        {
            yield return Arm("start", at => Sft.Train(Common(start) with
            {
                Model = model, VocabularyTasks = words,
            }, at, cancellation));
            begin = Path.Combine(FolderOf(name, "start"), "final");
        }

        yield return Arm("sft", at => Sft.Train(Common(plan.Sft) with
        {
            Model = begin, VocabularyTasks = words,
        }, at, cancellation));
        yield return Arm("grpo", at => Grpo.Train(Common(plan.Grpo) with
        {
            Model = begin, VocabularyTasks = words,
        }, at, cancellation));

        TrainedModel Arm(string arm, Action<string> train)
        {
            var at = FolderOf(name, arm);
            Say($"{name} {arm}");
            if (!Directory.Exists(Path.Combine(at, "final")))
            {
                cancellation.ThrowIfCancellationRequested();
                train(at);
            }

            return new TrainedModel($"{name}-{arm}", task, arm, at);
        }

        T Common<T>(T options)
            where T : TrainingOptions => options with
            {
                Task = task, PictureSize = plan.PictureSize, Seed = plan.Seed, EvaluationQuestions = plan.Questions,
            };
    }

    private IEnumerable<Cell> Ask(EnvironmentClients clients, TrainedModel trained)
    {
        Say($"{trained.Name} asked");
        var options = new GeneralisationOptions
        {
            Tasks = plan.Tasks,
            Photographs = photographs,
            Splits = ["test", .. plan.Suites.Select(suite => $"test/{suite}")],
            PictureSize = plan.PictureSize,
            Evaluation = new EvaluationOptions { Questions = plan.Questions },
        };
        var others = plan.Tasks.Where(task => task != trained.Task).ToArray();
        var shown = options with { Splits = ["test"], Photographs = 0, Examples = plan.Examples };
        var adapted = options with
        {
            Splits = [], Photographs = 0, Tasks = others, AdaptationSteps = plan.AdaptationSteps,
        };
        return new[] { options, shown, adapted }
            .SelectMany(part => Generalisation.Run(clients, trained.Name, () => Open(trained), part));
    }

    private IEnumerable<ProbeResult> Probe(EnvironmentClients clients, TrainedModel trained)
    {
        Say($"{trained.Name} probed");
        using var policy = Open(trained);
        return [.. plan.Tasks.SelectMany(task => LayerProbe.Run(
            clients, trained.Name, policy, task, plan.PictureSize, (plan.ProbeScenes, plan.ProbeScenes / 2)))];
    }

    private Policy Open(TrainedModel trained) =>
        Policy.Open(Path.Combine(trained.Folder, "final"), new PolicyOptions { Device = plan.Sft.Device });

    private string FolderOf(string task, string arm) => Path.Combine(folder, "runs", task, arm);

    /// <summary>Reads a result, or makes and writes it.</summary>
    private T[] Keep<T>(string name, Func<T[]> make)
    {
        var path = Path.Combine(folder, "results", name);
        if (!File.Exists(path))
        {
            var made = make();
            AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, made, RecipeOptions.Format));
        }

        return JsonSerializer.Deserialize<T[]>(File.ReadAllText(path), RecipeOptions.Format)!;
    }

    private void Say(string what) => Console.Error.WriteLine($"[{_watch.Elapsed:hh\\:mm\\:ss}] {what}");
}

/// <summary>A model of the study.</summary>
/// <param name="Name">Task and arm, as "OffsetX-grpo".</param>
/// <param name="Task">What it learned.</param>
/// <param name="Arm">"start", "sft" or "grpo".</param>
/// <param name="Folder">Its run.</param>
internal sealed record TrainedModel(string Name, string Task, string Arm, string Folder);

/// <summary>All that a report needs.</summary>
internal sealed record Study(
    ExperimentPlan Plan, string Model, IReadOnlyList<TrainedModel> Models, IReadOnlyList<Cell> Cells,
    IReadOnlyList<ProbeResult> Probes);
