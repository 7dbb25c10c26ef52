using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Study;

/// <summary>The whole study: bases, arms side by side, all asked about what they never saw, a report.</summary>
/// <remarks>
/// Every model is a folder under runs/ and every answer sheet a file under results/; what is there is not done again,
/// so a study that was stopped goes on, and one that is brought to another machine wants its answers alone. An arm that
/// fails is written down, and the others go on.
/// </remarks>
/// <param name="plan">What is done.</param>
/// <param name="model">"tiny" or a model folder.</param>
/// <param name="folder">Where everything is kept.</param>
internal sealed class Experiment(ExperimentPlan plan, string model, string folder)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly ConcurrentDictionary<string, string> _failures = [];
    private readonly ConcurrentDictionary<string, StudyAnswers> _answered = [];

    /// <summary>Photographs at hand; above 0, models that never learned towers are asked about them.</summary>
    public int Photographs { get; init; }

    /// <summary>The command that does it again; empty: not known.</summary>
    public string Command { get; init; } = "";

    /// <summary>Does what is left to do, and writes the report.</summary>
    /// <returns>The report's path.</returns>
    /// <exception cref="IOException">Another process does this study.</exception>
    public string Run(CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        using var alone = TrainingRun.Lock(folder);
        StudyModel[] models = [.. plan.Models];
        StudyModel[] left = [.. models.Where(item => !IsAnswered(item.Name))];
        if (left.Length > 0)
        {
            var hours = StudyEstimate.Hours(plan, left, model, folder, cancellation);
            Say(string.Create(CultureInfo.InvariantCulture, $"{left.Length} of {models.Length} models are left, of "
                + $"{plan.Scenes} scenes each, {plan.Parallel} side by side: about {hours:0.0} hours"));
        }

        var bases = Bases(models);
        StudyBase[] wanted = [.. bases.Where(start => !IsAnswered(start.Name)).Union(Bases(left))];
        Each(wanted, item => item.Name, item => item.Name,
            item => TrainBase(item.Seed, item.Size, cancellation), cancellation);
        Each(bases, item => item.Name, item => item.Name, item => Keep(item.Name, Ask(item.Name, "base" + item.Suffix,
            item.Seed, plan.HeldOut, [], "", BaseFolder(item.Seed, item.Size))), cancellation);
        Each(models, item => item.Name, WantedBy, item =>
        {
            if (!IsAnswered(item.Name))
            {
                Train(item, cancellation);
            }

            Keep(item.Name, Ask(item.Name, item.Arm.Id, item.Seed, [.. item.Asked(plan.HeldOut)],
                [.. item.Learned(plan.HeldOut)], item.Arm.AskedOptions, FinalOf(item)));
        }, cancellation);
        Say("report");
        return Report();
    }

    // Hours lie between the first model and the last: whoever looks meanwhile finds what is known so far.
    private void Keep(string name, (StudyAnswers Answers, bool IsNew) asked)
    {
        _answered[name] = asked.Answers;
        if (asked.IsNew)
        {
            Report();
        }
    }

    private string Report()
    {
        lock (_answered)
        {
            return ExperimentReport.Write(
                new StudyResult(plan, model, [.. Ordered(_answered).Select(item => item.Value)],
                    Ordered(_failures).ToDictionary(), _watch.Elapsed)
                {
                    Command = Command,
                },
                folder);
        }

        static IEnumerable<KeyValuePair<string, T>> Ordered<T>(IEnumerable<KeyValuePair<string, T>> items) =>
            items.OrderBy(item => item.Key, StringComparer.Ordinal);
    }

    private StudyBase[] Bases(StudyModel[] models) =>
        [.. models.Select(item => new StudyBase(item.Seed, item.Arm.Size)).Distinct()];

    private string BaseFolder(int seed, string size) =>
        plan.Base is null ? model : Path.Combine(folder, "runs", new StudyBase(seed, size).Name, "final");

    private string FinalOf(StudyModel item) =>
        FinalOf(item.Name, item.Arm.Stages.Skip(item.SharedStages));

    private string FinalOf(string name, IEnumerable<ArmStage> stages) => Path.Combine(folder, "runs", name,
        string.Create(CultureInfo.InvariantCulture, $"{stages.Count():D2}-{stages.Last().Recipe}"), "final");

    private void TrainBase(int seed, string size, CancellationToken cancellation)
    {
        var final = BaseFolder(seed, size);
        if (plan.Base is { } start && !Directory.Exists(final))
        {
            Sft.Train(start with
            {
                Model = size.Length == 0 ? model : $"{model}-{size}", Seed = plan.Seed + (ulong)seed,
                PictureSize = plan.PictureSize, Threads = plan.Threads, EvaluationQuestions = 2,
            }, Path.GetDirectoryName(final)!, cancellation);
        }
    }

    private void Train(StudyModel item, CancellationToken cancellation)
    {
        var start = new StudyBase(item.Seed, item.Arm.Size);
        if (_failures.ContainsKey(start.Name))
        {
            throw new InvalidDataException($"Its base, {start.Name}, failed.");
        }

        if (!Directory.Exists(FinalOf(item)))
        {
            var first = BaseFolder(item.Seed, item.Arm.Size);
            if (item.SharedStages > 0)
            {
                first = TrainShared(item, first, cancellation);
            }

            Train(item.Name, plan.Recipes(item, item.SharedStages.., first), cancellation);
        }
    }

    // What is learned once and is not there yet; else nothing that another model wants.
    private string WantedBy(StudyModel item) =>
        item.SharedStages > 0 && !IsAnswered(item.Name) && !Directory.Exists(SharedFinalOf(item))
            ? item.SharedName : item.Name;

    private string SharedFinalOf(StudyModel item) =>
        FinalOf(item.SharedName, item.Arm.Stages.Take(item.SharedStages));

    // Once for all models of an arm: of those that want it one is under way at a time.
    private string TrainShared(StudyModel item, string start, CancellationToken cancellation)
    {
        var final = SharedFinalOf(item);
        if (!Directory.Exists(final))
        {
            Train(item.SharedName, plan.Recipes(item, ..item.SharedStages, start), cancellation);
        }

        return final;
    }

    private void Train(string name, RecipeSequenceOptions options, CancellationToken cancellation) =>
        RecipeSequence.Train(options, Path.Combine(folder, "runs", name), cancellation);

    private string AnswersOf(string name) => Path.Combine(folder, "results", name.Replace('/', '-') + ".json");

    private bool IsAnswered(string name) => File.Exists(AnswersOf(name));

    /// <summary>Reads an answer sheet, or has it filled in.</summary>
    private (StudyAnswers Answers, bool IsNew) Ask(
        string name, string arm, int seed, IReadOnlyList<string> tasks, IReadOnlyList<string> learned,
        string askedOptions, string weights)
    {
        var (path, isNew) = (AnswersOf(name), !IsAnswered(name));
        if (isNew)
        {
            set_num_threads(Math.Max(1, plan.Threads));
            using var clients = EnvironmentClients.Open("");
            using var policy = Policy.Open(weights, new PolicyOptions { Device = plan.Sft.Device });
            StudyCell[] cells =
            [
                .. Sheets(tasks, askedOptions).Select(sheet => Cell(clients, policy, sheet)),
                .. learned.Select(task => Cell(clients, policy, (task, "", AnswerConstraint.Answer)) with
                {
                    IsLearned = true,
                }),
            ];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, stream => JsonSerializer.Serialize(
                stream, new StudyAnswers(name, arm, seed, cells), RecipeOptions.Format));
        }

        return (JsonSerializer.Deserialize<StudyAnswers>(File.ReadAllText(path), RecipeOptions.Format)!, isNew);
    }

    /// <summary>Constrained on all scenes, free on as many; with the arm's options where it has some.</summary>
    private IEnumerable<(string Task, string Options, AnswerConstraint Constrain)> Sheets(
        IReadOnlyList<string> tasks, string askedOptions)
    {
        string[] photographs =
            Photographs > 0 && tasks.Contains("Stability-v1") ? [Generalisation.PhotographTask] : [];
        foreach (var task in tasks.Concat(photographs))
        {
            yield return (task, "", AnswerConstraint.Answer);
            yield return (task, "", AnswerConstraint.None);
            if (askedOptions.Length > 0 && task != Generalisation.PhotographTask)
            {
                yield return (task, askedOptions, AnswerConstraint.Answer);
            }
        }
    }

    private StudyCell Cell(
        EnvironmentClients clients, Policy policy, (string Task, string Options, AnswerConstraint Constrain) sheet)
    {
        using var source = new QuestionSource(clients, sheet.Task, sheet.Options, "test", plan.PictureSize);
        var scores = Evaluator.Scores(policy, source, new EvaluationOptions
        {
            Questions = sheet.Task == Generalisation.PhotographTask
                ? Math.Min(Photographs, plan.Questions) : plan.Questions,
            MaxTokens = plan.Grpo.MaxCompletionTokens, Constrain = sheet.Constrain,
        });
        return new StudyCell(
            sheet.Task, sheet.Options, sheet.Constrain, source.Task.Reward.Random, source.Task.Reward.Expert,
            [.. scores.Select(score => score.Reward)], [.. scores.Select(score => score.IsReadable)]);
    }

    /// <summary>Does work side by side, each item on a thread of its own; a failure ends only its own item.</summary>
    /// <param name="items">In order, but that one which wants what another thread is learning waits.</param>
    /// <param name="nameOf">Their names.</param>
    /// <param name="wantedBy">What an item wants that other items want, too; by itself nothing but the item.</param>
    /// <param name="work">Done to each.</param>
    /// <param name="cancellation">Begins no further item.</param>
    private void Each<T>(
        IReadOnlyList<T> items, Func<T, string> nameOf, Func<T, string> wantedBy, Action<T> work,
        CancellationToken cancellation)
    {
        var (left, busy, gate, done) = (items.ToList(), new HashSet<string>(), new object(), 0);
        Thread[] threads = [.. Enumerable.Range(0, Math.Min(plan.Parallel, items.Count)).Select(_ => new Thread(() =>
        {
            while (TryTake(out var item, out var wanted))
            {
                Try(nameOf(item), () => work(item), cancellation);
                lock (gate)
                {
                    busy.Remove(wanted);
                    Say($"{++done} of {items.Count}: {nameOf(item)}");
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        cancellation.ThrowIfCancellationRequested();

        bool TryTake([MaybeNullWhen(false)] out T item, out string wanted)
        {
            lock (gate)
            {
                (item, wanted) = (default, "");
                while (left.Count > 0 && !cancellation.IsCancellationRequested)
                {
                    if (left.FindIndex(other => !busy.Contains(wantedBy(other))) is var free and >= 0)
                    {
                        item = left[free];
                        wanted = wantedBy(item);
                        busy.Add(wanted);
                        left.RemoveAt(free);
                        return true;
                    }

                    Monitor.Wait(gate, s_pause);   // what is learned is there before its learner has ended
                }

                return false;
            }
        }
    }

    private void Try(string name, Action work, CancellationToken cancellation)
    {
        if (_failures.ContainsKey(name))
        {
            return;   // what could not be trained cannot be asked
        }

        try
        {
            work();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Said once, when all have stopped.
        }
        catch (Exception failed)
        {
            _failures[name] = failed.Message;
            Console.Error.WriteLine($"{name} failed: {failed}");
        }
    }

    private void Say(string what) => Console.Error.WriteLine($"[{_watch.Elapsed:hh\\:mm\\:ss}] {what}");
}

/// <summary>A start of arms.</summary>
internal sealed record StudyBase(int Seed, string Size)
{
    public string Suffix => Size.Length == 0 ? "" : $"-{Size}";

    public string Name => $"seed-{Seed + 1}/base{Suffix}";
}

/// <summary>What one model answered.</summary>
/// <param name="Model">Its folder under runs/.</param>
/// <param name="Arm">The arm's id, or "base".</param>
/// <param name="Seed">The repetition.</param>
/// <param name="Cells">Task by task.</param>
internal sealed record StudyAnswers(string Model, string Arm, int Seed, IReadOnlyList<StudyCell> Cells);

/// <summary>The answers to the test scenes of one task.</summary>
/// <param name="Task">With version.</param>
/// <param name="Options">With which it was asked.</param>
/// <param name="Constrain">What answers could be.</param>
/// <param name="Random">Mean reward of a random player.</param>
/// <param name="Expert">Mean reward of the expert.</param>
/// <param name="Rewards">Scene by scene.</param>
/// <param name="AreReadable">Likewise.</param>
internal sealed record StudyCell(
    string Task, string Options, AnswerConstraint Constrain, double Random, double Expert,
    double[] Rewards, bool[] AreReadable)
{
    /// <summary>Whether the model learned the task: then its answers say nothing of transfer.</summary>
    public bool IsLearned { get; init; }

    /// <summary>Where a reward lies between a random player's, 0, and the expert's, 1.</summary>
    public double Success(double reward) => (reward - Random) / (Expert - Random);
}

/// <summary>All that a report needs.</summary>
/// <param name="Plan">What was done.</param>
/// <param name="Model">With what.</param>
/// <param name="Answers">What came out.</param>
/// <param name="Failures">Models that could not be made or asked, and why.</param>
/// <param name="Time">Of the last call.</param>
internal sealed record StudyResult(
    ExperimentPlan Plan, string Model, IReadOnlyList<StudyAnswers> Answers,
    IReadOnlyDictionary<string, string> Failures, TimeSpan Time)
{
    /// <summary>The command that does it again; empty: not known.</summary>
    public string Command { get; init; } = "";

    /// <summary>Models that are still to be made or asked.</summary>
    public IEnumerable<string> Awaited => Plan.Models.Select(item => item.Name)
        .Except(Answers.Select(sheet => sheet.Model)).Except(Failures.Keys);
}
