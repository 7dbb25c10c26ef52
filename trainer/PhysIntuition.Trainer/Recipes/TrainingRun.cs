using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>What every recipe's run is made of: policy, optimiser, questions, log, checkpoints; and the loop.</summary>
/// <remarks>
/// All randomness is a function of the seed and the step, so weights, optimiser and step number are the whole state: a
/// run that is killed and started again gives the same curve, on a CPU bit for bit.
/// </remarks>
internal sealed class TrainingRun : IDisposable
{
    private const string OptimiserName = "optimizer.bin";
    private const string StateName = "state.json";
    // May change when a run is resumed; workers was an option once.
    private static readonly string[] s_free = ["server", "serverPatience", "threads", "sampler", "workers"];
    private const int TextsPerTask = 8;   // scenes per task from which the tiny model's vocabulary is learned

    private readonly TrainingOptions _options;
    private readonly string _folder;
    private readonly FileStream? _lock;
    private readonly EnvironmentClients _clients;
    private readonly PolicyOptions _policyOptions;
    private readonly AdamW _optimiser;
    private readonly GradientSum _gradients;
    private readonly LearningRate _learningRate;
    private readonly CheckpointStore _checkpoints;
    private readonly MetricsLog? _log;
    private readonly TaskSampler _questions;
    private readonly TaskSampler _validation;
    private readonly Curriculum? _curriculum;
    private readonly EarlyStopping _stopping;
    private readonly long _firstStep;
    private readonly Progress _progress = new();
    private readonly Stopwatch _waiting = new();
    private (long Step, Task<Episodes[]> Questions)? _ahead;

    /// <summary>Opens a new run, or the latest checkpoint of one that was begun in this folder.</summary>
    public TrainingRun(TrainingOptions options, string folder, ProcessGroup? group = null)
    {
        (_options, _folder, ProcessGroup) = (options, folder, group ?? ProcessGroup.Alone);
        if (options.Refuse(ProcessGroup.Size) is { } refused)
        {
            throw new ArgumentException(refused);
        }

        _policyOptions = options.Policy with { Device = ProcessGroup.DeviceOf(options.Device) };
        _ = TorchRuntime.DeviceOf(_policyOptions.Device);   // before anything is written
        Directory.CreateDirectory(folder);
        _lock = ProcessGroup.IsFirst ? Lock(folder) : null;
        if (options.Threads > 0)
        {
            set_num_threads(options.Threads);
        }

        _clients = EnvironmentClients.Open(options.Server, TimeSpan.FromSeconds(options.ServerPatience));
        _questions = Source("train");
        _validation = Source("val");
        PrepareFolder();
        Policy = Policy.Open(ModelFolder, _policyOptions);
        Constraints = new AnswerConstraints(
            Policy, options.Constrain == AnswerConstraint.Answer, options.TaskOptions);
        Policy.Model.ComputeType = options.MultiplyInBf16 ? ScalarType.BFloat16 : null;
        _optimiser = Optimiser(options);
        _gradients = new GradientSum(ProcessGroup, Policy.Trained.Select(item => item.Parameter));
        _learningRate = new LearningRate(options.LearningRate, options.Decay, options.WarmupShare, options.Steps);
        _curriculum = Curriculum.Read(options.Curriculum, options.CurriculumTarget, options.CurriculumWindow);
        _stopping = new EarlyStopping(options.Patience);
        _checkpoints = new CheckpointStore(folder);
        _firstStep = Restore();
        _log = ProcessGroup.IsFirst ? new MetricsLog(folder, _firstStep) : null;
    }

    /// <summary>What learns.</summary>
    public Policy Policy { get; }

    /// <summary>What answers may be.</summary>
    public AnswerConstraints Constraints { get; }

    /// <summary>Where all of it is kept.</summary>
    public string Folder => _folder;

    /// <summary>Who learns with this process.</summary>
    public ProcessGroup ProcessGroup { get; }

    /// <summary>The checkpoint that this run goes on from; null: it is new.</summary>
    public string? Resumed { get; private set; }

    /// <summary>Writes what a recipe keeps beside weights and optimiser into a checkpoint's folder.</summary>
    public Action<string>? Saving { get; set; }

    /// <summary>The first scene's seed of a step.</summary>
    /// <param name="step">From 0 on.</param>
    /// <param name="perStep">Scenes per step.</param>
    public ulong SceneSeed(long step, int perStep) =>
        ((_options.Seed & 0xFFFF) << 32) + ((ulong)step * (ulong)perStep);

    /// <summary>This process's questions of a step, in micro batches; the next step's are prepared meanwhile.</summary>
    /// <param name="step">From 0 on.</param>
    /// <param name="perStep">Scenes per step, of all processes.</param>
    /// <param name="perBatch">Scenes per micro batch.</param>
    public Episodes[] Questions(long step, int perStep, int perBatch)
    {
        var asked = _ahead is { } ahead && ahead.Step == step ? ahead.Questions : Ask(step, perStep, perBatch);

        // What a curriculum asks next depends on this step.
        _ahead = _curriculum is null && step + 1 < _options.Steps ? (step + 1, Ask(step + 1, perStep, perBatch)) : null;
        return Wait(asked);
    }

    /// <summary>Asks about further scenes, of the level that the curriculum has now.</summary>
    public Episodes Ask(ulong firstSeed, int count) =>
        Wait(_questions.AskAsync(firstSeed, count, _curriculum?.Options ?? ""));

    /// <summary>Plays rollouts to their ends.</summary>
    public void Finish(IReadOnlyList<Rollout> rollouts) => Rollout.Finish(rollouts, _waiting);

    /// <summary>The model that this run began with, for a KL term; null: this one without adapters.</summary>
    public Policy? OpenReference() => Policy.Adapters is null || Policy.BeganWithAdapters
        ? Policy.Open(ModelFolder, _policyOptions)
        : null;

    /// <summary>Runs the remaining steps.</summary>
    /// <param name="step">Does one step, from its questions to <see cref="Apply"/>, and returns its metrics.</param>
    /// <param name="cancellation">Ends after the current step, with a checkpoint.</param>
    public void Loop(Func<long, Dictionary<string, double>> step, CancellationToken cancellation)
    {
        for (var done = _firstStep; done < _options.Steps && !_stopping.IsOver; done++)
        {
            var metrics = Measure(step, done);
            var isLast = done + 1 == _options.Steps;
            if (isLast || (_options.EvaluateEvery > 0 && (done + 1) % _options.EvaluateEvery == 0))
            {
                Evaluate(done + 1, metrics);
            }

            _log?.Write(done + 1, metrics);
            if (ProcessGroup.IsFirst)
            {
                _progress.Print(done + 1, _options.Steps, metrics);
            }

            isLast |= _stopping.IsOver;

            var isStopped = ProcessGroup.StopsFor(cancellation);
            if (isLast || (done + 1) % _options.SaveEvery == 0 || isStopped)
            {
                Save(done + 1);
            }

            if (isStopped && !isLast)
            {
                throw new OperationCanceledException(
                    $"Stopped after step {done + 1} of {_options.Steps}, which is saved in {_folder}. "
                    + "The same command goes on from there.", cancellation);
            }
        }

        Finish();
    }

    /// <summary>Adds the gradients of one micro batch of each process; every process calls it as often.</summary>
    public void AddGradients() => _gradients.Add();

    /// <summary>Clips the gradients, updates what learns, and clears the gradients.</summary>
    /// <param name="step">From 0 on; sets the learning rate.</param>
    /// <param name="batch">What the step learned from; written down if a number is not finite.</param>
    /// <param name="metrics">Receives "grad_norm" and "learning_rate"; its "loss" is checked.</param>
    /// <exception cref="ArithmeticException">Loss or gradient is not finite; the batch is kept.</exception>
    public void Apply(long step, object batch, Dictionary<string, double> metrics)
    {
        _gradients.Finish();
        var norm = nn.utils.clip_grad_norm_(Policy.Trained.Select(item => item.Parameter), _options.ClipNorm);
        metrics["grad_norm"] = norm;
        metrics["learning_rate"] = _learningRate.At(step);
        if (!double.IsFinite(norm) || !double.IsFinite(metrics["loss"]))
        {
            throw Stop(step, batch, metrics);
        }

        _optimiser.Step(metrics["learning_rate"]);
    }

    /// <summary>Closes everything; checkpoints stay.</summary>
    public void Dispose()
    {
        _ahead?.Questions.Wait();
        _log?.Dispose();
        _gradients.Dispose();
        _optimiser.Dispose();
        Policy.Dispose();
        _questions.Dispose();
        _validation.Dispose();
        _clients.Dispose();
        _lock?.Dispose();
    }

    /// <summary>Keeps other processes out of a folder until it is disposed of.</summary>
    /// <exception cref="IOException">Another process is at work there.</exception>
    internal static FileStream Lock(string folder)
    {
        try
        {
            return new FileStream(
                Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException busy)
        {
            throw new IOException(
                $"A run is under way in {folder} ({busy.Message}). Wait for its end, or give another --out.", busy);
        }
    }

    private AdamW Optimiser(TrainingOptions options) => new(
        Policy.Trained.Select(item => item.Parameter),
        new MomentOptions(options.Beta1, options.Beta2, options.WeightDecay), options.Adam8Bit);

    private TaskSampler Source(string split) =>
        new(_clients, TaskShare.Parse(_options.Task), _options.TaskOptions, split, _options.PictureSize);

    private Task<Episodes[]> Ask(long step, int perStep, int perBatch)
    {
        var first = SceneSeed(step, perStep);
        var options = _curriculum?.Options ?? "";
        var batches = ProcessGroup.ShareOf(perStep / perBatch);
        return Task.Run(() => Task.WhenAll(batches.Select(batch =>
            _questions.AskAsync(first + (ulong)(batch * perBatch), perBatch, options))));
    }

    private T Wait<T>(Task<T> work)
    {
        _waiting.Start();
        var result = work.GetAwaiter().GetResult();
        _waiting.Stop();
        return result;
    }

    private Dictionary<string, double> Measure(Func<long, Dictionary<string, double>> step, long done)
    {
        var (watch, before) = (Stopwatch.StartNew(), _questions.Seconds);
        _waiting.Reset();
        var metrics = step(done);
        metrics["time/step"] = watch.Elapsed.TotalSeconds;
        metrics["time/wait"] = _waiting.Elapsed.TotalSeconds;
        metrics["time/environment"] = _questions.Seconds.Asking - before.Asking;
        metrics["time/judge"] = _questions.Seconds.Judging - before.Judging;
        if (_curriculum is not null)
        {
            metrics["curriculum/level"] = _curriculum.Level;
            _curriculum.Add(metrics["success"]);
        }

        return metrics;
    }

    /// <summary>Writes what a new run begins with; the other processes wait for it.</summary>
    private void PrepareFolder()
    {
        if (ProcessGroup.IsFirst)
        {
            RequireSameOptions();
            if (IsTiny && !File.Exists(Path.Combine(ModelFolder, ImageFile)))
            {
                var tasks = TaskShare.Parse(_options.Task).Select(share => share.TaskId).Union(Words(_options));
                TinyFolder.Write(ModelFolder, tasks.SelectMany(Texts), _options.Model);
            }
        }

        ProcessGroup.Wait();
        RequireSameOptions();
    }

    private bool IsTiny => TinyFolder.Names.Contains(_options.Model);

    private string ModelFolder => IsTiny ? Path.Combine(_folder, "model") : _options.Model;

    private string BestFolder => Path.Combine(_folder, "best");

    private static IEnumerable<string> Words(TrainingOptions options) =>
        options.VocabularyTasks.Length == 0 ? [] : TaskShare.Parse(options.VocabularyTasks).Select(task => task.TaskId);

    private static string ImageFile => Vlm.Models.ImageOptions.FileName;   // the last file that TinyFolder writes

    private IEnumerable<string> Texts(string task)
    {
        using var source = new QuestionSource(_clients, task, "", "train", _options.PictureSize);
        return [.. source.Ask(0, TextsPerTask).Questions
            .SelectMany(question => new[] { question.Prompt, question.Expert })];
    }

    /// <summary>Process 0 evaluates; all learn whether to stop.</summary>
    private void Evaluate(long step, Dictionary<string, double> metrics)
    {
        var samples = new List<Sample>();
        var options = new EvaluationOptions
        {
            Questions = _options.EvaluationQuestions, Constrain = _options.Constrain,
        };
        double score = 0;
        foreach (var source in ProcessGroup.IsFirst ? _validation.Sources : [])
        {
            var result = Evaluator.Run(Policy, source, options, samples);
            var prefix = _validation.Sources.Count == 1 ? "eval/" : $"eval/{source.Task.Id}/";
            metrics[prefix + "reward"] = result.Reward;
            metrics[prefix + "interval"] = result.Interval;
            metrics[prefix + "as_expert"] = result.AsExpert;
            metrics[prefix + "readable"] = result.Readable;
            score += source.Success(result.Reward) / _validation.Sources.Count;
        }

        if (ProcessGroup.IsFirst)
        {
            Sample.Write(_folder, step, samples);
        }

        score = ProcessGroup.FromFirst(score);
        metrics["eval/success"] = score;
        if (_stopping.Add(score) && _options.Patience > 0 && ProcessGroup.IsFirst)
        {
            Policy.Save(BestFolder);   // written again by a resumed run, with the same content
        }
    }

    private void Save(long step)
    {
        if (!ProcessGroup.IsFirst)
        {
            return;
        }

        _checkpoints.Save(step, folder =>
        {
            Policy.Save(folder);
            _optimiser.Save(Path.Combine(folder, OptimiserName));
            Saving?.Invoke(folder);
            var state = new RunState(_curriculum?.State, _stopping.State);
            File.WriteAllText(Path.Combine(folder, StateName), JsonSerializer.Serialize(state, RecipeOptions.Format));
        });
    }

    private void Finish()
    {
        if (!ProcessGroup.IsFirst)
        {
            return;
        }

        if (_options.Patience > 0)
        {
            Policy.Restore(BestFolder);
        }

        CheckpointStore.WriteWhole(Path.Combine(_folder, "final"), Policy.Save);
    }

    private long Restore()
    {
        var step = (long)ProcessGroup.FromFirst(
            ProcessGroup.IsFirst ? _checkpoints.FindWhole(Console.Error.WriteLine) ?? 0 : 0);
        if (step == 0)
        {
            return 0;
        }

        var folder = _checkpoints.FolderOf(step);
        Resumed = folder;
        Policy.Restore(folder);
        _optimiser.Load(Path.Combine(folder, OptimiserName));
        var text = File.ReadAllText(Path.Combine(folder, StateName));
        var state = JsonSerializer.Deserialize<RunState>(text, RecipeOptions.Format)!;
        _stopping.State = state.Stopping;
        if (_curriculum is not null && state.Curriculum is { } level)
        {
            _curriculum.State = level;
        }

        return step;
    }

    private sealed record RunState(CurriculumState? Curriculum, EarlyStoppingState Stopping);

    private void RequireSameOptions()
    {
        var path = Path.Combine(_folder, "options.json");
        var wanted = JsonSerializer.SerializeToNode(_options, _options.GetType(), RecipeOptions.Format)!.AsObject();
        if (!File.Exists(path))
        {
            AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, wanted, RecipeOptions.Format));
            return;
        }

        var begun = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        string[] others = [.. begun.Select(option => option.Key).Union(wanted.Select(option => option.Key))
            .Except(s_free)
            .Where(name => !JsonNode.DeepEquals(begun[name], wanted[name]))
            .Select(name => $"{name} was {Text(begun[name])} and is {Text(wanted[name])}")];
        if (others.Length > 0)
        {
            throw new ArgumentException($"{_folder} holds a run with other options ({path}): "
                + $"{string.Join("; ", others)}. Give the same to resume it, or another --out.");
        }

        static string Text(JsonNode? value) => value?.ToJsonString() ?? "not set";
    }

    private ArithmeticException Stop(long step, object batch, Dictionary<string, double> metrics)
    {
        var path = Path.Combine(_folder, $"stopped-at-step-{step + 1}.json");
        File.WriteAllText(path, JsonSerializer.Serialize(new
        {
            step = step + 1, metrics = metrics.ToDictionary(item => item.Key, item => item.Value.ToString()), batch,
        }, RecipeOptions.Format));
        return new ArithmeticException(
            $"Step {step + 1}: loss {metrics["loss"]}, gradient norm {metrics["grad_norm"]}; must be finite. "
            + $"The batch is in {path}. Lower the learning rate, and start again to resume from the last checkpoint.");
    }
}

/// <summary>A line per step on the error stream: what changed, the rate, the time left.</summary>
internal sealed class Progress
{
    private static readonly string[] s_shown =
        ["loss", "reward", "readable", "kl", "entropy", "completions/mean_length", "eval/reward", "eval/as_expert"];

    private double _average;

    public void Print(long step, long steps, Dictionary<string, double> metrics)
    {
        // A moving average over about 20 steps; evaluation steps would make a single one jump.
        var seconds = metrics["time/step"];
        _average = _average == 0 ? seconds : _average + ((seconds - _average) / 20);
        var left = TimeSpan.FromSeconds(_average * (steps - step));
        var values = s_shown.Where(metrics.ContainsKey).Select(name =>
            string.Create(CultureInfo.InvariantCulture, $"{name} {metrics[name]:0.####}"));
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"step {step}/{steps}  {string.Join("  ", values)}  {seconds:0.00} s  left {left:hh\\:mm\\:ss}"));
    }
}
