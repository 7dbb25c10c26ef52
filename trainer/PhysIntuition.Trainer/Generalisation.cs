using static TorchSharp.torch;

namespace PhysIntuition.Trainer;

/// <summary>What models are asked about.</summary>
public sealed record GeneralisationOptions
{
    /// <summary>Tasks, with version.</summary>
    public required IReadOnlyList<string> Tasks { get; init; }

    /// <summary>The tasks' options as a JSON object; empty takes the defaults.</summary>
    public string TaskOptions { get; init; } = "";

    /// <summary>Splits and suites of every task: "test", "test/tall-v1"; what a task lacks is left out.</summary>
    public IReadOnlyList<string> Splits { get; init; } = ["test"];

    /// <summary>Numbers of solved questions shown first.</summary>
    public IReadOnlyList<int> Examples { get; init; } = [0];

    /// <summary>Numbers of supervised steps on a task before it is asked; the curve of adaptation.</summary>
    public IReadOnlyList<int> AdaptationSteps { get; init; } = [];

    /// <summary>Labelled photographs at hand: above 0, they are asked about too, none of them twice.</summary>
    public int Photographs { get; init; }

    /// <summary>Pixels along a picture's side.</summary>
    public int PictureSize { get; init; } = 96;

    /// <summary>How each cell is evaluated.</summary>
    public EvaluationOptions Evaluation { get; init; } = new();
}

/// <summary>Trained on one task, asked about others: the table that the study is about.</summary>
internal static class Generalisation
{
    /// <summary>The task that asks about photographs.</summary>
    public const string PhotographTask = "RealTowers-v1";

    private const int AdaptationBatch = 32;
    private const double AdaptationRate = 2e-4;

    /// <summary>All cells of one model, as they come out.</summary>
    /// <param name="clients">Where environments run.</param>
    /// <param name="name">What the table calls the model.</param>
    /// <param name="open">Opens the model; called again for every curve of adaptation.</param>
    /// <param name="options">What is asked.</param>
    public static IEnumerable<Cell> Run(
        EnvironmentClients clients, string name, Func<Policy> open, GeneralisationOptions options)
    {
        using (var policy = open())
        {
            foreach (var (task, split) in Places(clients, options))
            {
                using var source = Source(clients, task, split, options);
                foreach (var examples in options.Examples)
                {
                    yield return Ask(policy, source, name, examples, steps: 0, options);
                }
            }
        }

        foreach (var task in options.AdaptationSteps.Count == 0 ? [] : options.Tasks)
        {
            foreach (var cell in Adapt(clients, name, open, task, options))
            {
                yield return cell;
            }
        }
    }

    /// <summary>Refuses tasks, splits and suites that are unknown, before anything is asked.</summary>
    /// <exception cref="PhysIntuitionException">None of the tasks has one of the names.</exception>
    public static void RequireKnown(EnvironmentClients clients, GeneralisationOptions options)
    {
        string[] known = [.. options.Tasks.SelectMany(clients.Splits).Distinct()];
        foreach (var split in options.Splits.Where(split => !known.Contains(split)))
        {
            throw IsSuite(split)
                ? KnownNames.Unknown("--suite", Suite(split), [.. known.Where(IsSuite).Select(Suite).Distinct()])
                : KnownNames.Unknown("--split", split, [.. known.Where(name => !IsSuite(name))]);
        }

        static bool IsSuite(string name) => name.Contains('/', StringComparison.Ordinal);
        static string Suite(string name) => name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..];
    }

    private static IEnumerable<(string Task, string Split)> Places(
        EnvironmentClients clients, GeneralisationOptions options) =>
        from task in options.Tasks.Union(options.Photographs > 0 ? [PhotographTask] : Array.Empty<string>())
        let known = clients.Splits(task)
        from split in options.Splits
        where known.Contains(split)
        select (task, split);

    private static QuestionSource Source(
        EnvironmentClients clients, string task, string split, GeneralisationOptions options) =>
        new(clients, task, options.TaskOptions, split, options.PictureSize);

    private static Cell Ask(
        Policy policy, QuestionSource source, string name, int examples, int steps, GeneralisationOptions options)
    {
        var questions = options.Evaluation.Questions;
        if (source.Task.Id == PhotographTask && options.Photographs > 0)
        {
            questions = Math.Min(questions, options.Photographs); // the next seed would show the first one again
        }

        var result = Evaluator.Run(
            policy, source, options.Evaluation with { Questions = questions, Examples = examples });
        var (success, reward) = (source.Success(result.Reward), result.Reward);
        return new Cell(name, source.Task.Id, source.Split, examples, steps, success,
            source.Success(reward + result.Interval) - success, result);
    }

    /// <summary>Imitates the expert on a task's training scenes, and asks after so and so many steps.</summary>
    private static IEnumerable<Cell> Adapt(
        EnvironmentClients clients, string name, Func<Policy> open, string task, GeneralisationOptions options)
    {
        if (!clients.Splits(task).Contains("train"))
        {
            yield break;
        }

        using var policy = open();
        using var learner = new Adaptation(policy, AdaptationRate);
        using var training = Source(clients, task, "train", options);
        using var test = Source(clients, task, "test", options);
        foreach (var steps in options.AdaptationSteps.Where(steps => steps > 0).Order())
        {
            while (learner.Steps < steps)
            {
                learner.Step(training.Ask((ulong)(learner.Steps * AdaptationBatch), AdaptationBatch));
            }

            yield return Ask(policy, test, name, examples: 0, steps, options);
        }
    }
}

/// <summary>One cell of the table of generalisation.</summary>
/// <param name="Model">Who answered.</param>
/// <param name="Task">What was asked.</param>
/// <param name="Split">Where scenes came from: "test", "test/tall-v1".</param>
/// <param name="Examples">Solved questions shown first.</param>
/// <param name="AdaptationSteps">Supervised steps on the task before it was asked.</param>
/// <param name="Success">Where the reward lies between a random player's, 0, and the expert's, 1.</param>
/// <param name="SuccessInterval">Half of the 95 % interval of the success.</param>
/// <param name="Result">What came out.</param>
public sealed record Cell(
    string Model, string Task, string Split, int Examples, int AdaptationSteps, double Success,
    double SuccessInterval, EvaluationResult Result)
{
    /// <summary>Names of the columns of a table of cells.</summary>
    public static string Header =>
        "model,task,split,examples,adaptation_steps,n,reward,interval_95,success,success_interval_95,as_expert,"
        + "readable,expert_reward";

    /// <summary>The task, and the suite where the scenes come from one.</summary>
    public string Column => Split == "test" ? Task : $"{Task} {Split[(Split.IndexOf('/') + 1)..]}";

    /// <summary>One line of comma-separated values in the order of <see cref="Header"/>.</summary>
    public string Csv => string.Create(CultureInfo.InvariantCulture,
        $"{RunTables.Quoted(Model)},{Task},{Split},{Examples},{AdaptationSteps},{Result.Questions},"
        + $"{Result.Reward:0.####},{Result.Interval:0.####},{Success:0.####},{SuccessInterval:0.####},"
        + $"{Result.AsExpert:0.####},{Result.Readable:0.####},{Result.ExpertReward:0.####}");

    /// <summary>One line of a table for people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Model,-16} {Column,-32} {Examples,2} ex {AdaptationSteps,4} st {Result.Questions,5}  "
        + $"{Result.Reward,7:0.000} ±{Result.Interval,5:0.000}  {Success,7:0.000}  {Result.AsExpert,7:0.0 %}  "
        + $"{Result.Readable,7:0.0 %}  {Result.ExpertReward,8:0.000}");
}

/// <summary>Supervised steps on a new task at a constant rate: how fast does a model adapt?</summary>
/// <param name="policy">Who learns.</param>
/// <param name="learningRate">Of every step.</param>
internal sealed class Adaptation(Policy policy, double learningRate) : IDisposable
{
    private readonly AdamW _optimiser = new(
        policy.Trained.Select(item => item.Parameter), new MomentOptions(0.9, 0.99, 0.01));

    /// <summary>Steps done.</summary>
    public int Steps { get; private set; }

    /// <summary>Imitates the expert on some scenes.</summary>
    public void Step(Episodes episodes)
    {
        policy.Adapters?.BeginStep(Steps);
        var lesson = SupervisedExamples.Of(policy, episodes);
        Sft.Backward(policy, lesson, lesson.Answers.Sum(answer => (double)answer.Length));
        nn.utils.clip_grad_norm_(policy.Trained.Select(item => item.Parameter), 1);
        _optimiser.Step(learningRate);
        Steps++;
    }

    public void Dispose() => _optimiser.Dispose();
}
