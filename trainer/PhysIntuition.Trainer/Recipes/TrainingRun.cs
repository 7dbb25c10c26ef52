using System.Diagnostics;
using System.Text.Json;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Trainer.Checkpoints;
using PhysIntuition.Trainer.Evaluation;
using PhysIntuition.Trainer.Metrics;
using PhysIntuition.Trainer.Policies;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm.Safetensors;
using TorchSharp;
using TorchSharp.Modules;
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
    private const int TextsPerTask = 8;   // scenes per task from which the tiny model's vocabulary is learned

    private readonly TrainingOptions _options;
    private readonly string _folder;
    private readonly FileStream _lock;
    private readonly AdamW _optimiser;
    private readonly LearningRate _learningRate;
    private readonly CheckpointStore _checkpoints;
    private readonly MetricsLog _log;
    private readonly QuestionMixture _validation;
    private readonly long _firstStep;
    private readonly Progress _progress = new();

    /// <summary>Opens a new run, or the latest checkpoint of one that was begun in this folder.</summary>
    public TrainingRun(TrainingOptions options, string folder)
    {
        (_options, _folder) = (options, folder);
        Directory.CreateDirectory(folder);
        _lock = new FileStream(
            Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        RequireSameOptions();
        if (options.Threads > 0)
        {
            set_num_threads(options.Threads);
        }

        Questions = Source(Split.Train);
        _validation = Source(Split.Val);
        Policy = Policy.Open(ModelFolder(), options.Policy);
        Policy.Model.ComputeType = options.MultiplyInBf16 ? ScalarType.BFloat16 : null;
        _optimiser = optim.AdamW(Policy.Trained.Select(item => item.Parameter), options.LearningRate,
            options.Beta1, options.Beta2, weight_decay: options.WeightDecay);
        _learningRate = new LearningRate(options.LearningRate, options.Decay, options.WarmupShare, options.Steps);
        _checkpoints = new CheckpointStore(folder);
        _firstStep = Restore();
        _log = new MetricsLog(folder, _firstStep);
    }

    /// <summary>What learns.</summary>
    public Policy Policy { get; }

    /// <summary>Where training questions come from.</summary>
    public QuestionMixture Questions { get; }

    /// <summary>The first scene's seed of a step.</summary>
    /// <param name="step">From 0 on.</param>
    /// <param name="perStep">Scenes per step.</param>
    public ulong SceneSeed(long step, int perStep) =>
        ((_options.Seed & 0xFFFF) << 32) + ((ulong)step * (ulong)perStep);

    /// <summary>Opens the model from which this run began once more, for a KL term.</summary>
    public Policy OpenReference() => Policy.Open(ModelFolder(), _options.Policy);

    /// <summary>Runs the remaining steps.</summary>
    /// <param name="step">Does one step, from its questions to <see cref="Apply"/>, and returns its metrics.</param>
    /// <param name="cancellation">Ends after the current step, with a checkpoint.</param>
    public void Loop(Func<long, Dictionary<string, double>> step, CancellationToken cancellation)
    {
        for (var done = _firstStep; done < _options.Steps; done++)
        {
            var watch = Stopwatch.StartNew();
            var metrics = step(done);
            metrics["time/step"] = watch.Elapsed.TotalSeconds;
            var isLast = done + 1 == _options.Steps;
            if (isLast || (_options.EvaluateEvery > 0 && (done + 1) % _options.EvaluateEvery == 0))
            {
                Evaluate(metrics);
            }

            _log.Write(done + 1, metrics);
            _progress.Print(done + 1, _options.Steps, metrics);
            if (isLast || (done + 1) % _options.SaveEvery == 0 || cancellation.IsCancellationRequested)
            {
                _checkpoints.Save(done + 1, Save);
            }

            if (cancellation.IsCancellationRequested)
            {
                return;
            }
        }

        Policy.Save(Path.Combine(_folder, "final"));
    }

    /// <summary>Clips the gradients, updates what learns, and clears the gradients.</summary>
    /// <param name="step">From 0 on; sets the learning rate.</param>
    /// <param name="batch">What the step learned from; written down if a number is not finite.</param>
    /// <param name="metrics">Receives "grad_norm" and "learning_rate"; its "loss" is checked.</param>
    /// <exception cref="ArithmeticException">Loss or gradient is not finite; the batch is kept.</exception>
    public void Apply(long step, object batch, Dictionary<string, double> metrics)
    {
        var norm = nn.utils.clip_grad_norm_(Policy.Trained.Select(item => item.Parameter), _options.ClipNorm);
        metrics["grad_norm"] = norm;
        metrics["learning_rate"] = _learningRate.At(step);
        if (!double.IsFinite(norm) || !double.IsFinite(metrics["loss"]))
        {
            throw Stop(step, batch, metrics);
        }

        foreach (var group in _optimiser.ParamGroups)
        {
            group.LearningRate = metrics["learning_rate"];
        }

        _optimiser.step();
        _optimiser.zero_grad();
    }

    /// <summary>Closes everything; checkpoints stay.</summary>
    public void Dispose()
    {
        _log.Dispose();
        _optimiser.Dispose();
        Policy.Dispose();
        Questions.Dispose();
        _validation.Dispose();
        _lock.Dispose();
    }

    private QuestionMixture Source(Split split) =>
        new(TaskShare.Parse(_options.Task), _options.TaskOptions, split, _options.PictureSize);

    private string ModelFolder()
    {
        if (_options.Model != "tiny")
        {
            return _options.Model;
        }

        var folder = Path.Combine(_folder, "model");
        if (!File.Exists(Path.Combine(folder, ImageFile)))
        {
            var tasks = TaskShare.Parse($"{_options.Task},{_options.VocabularyTasks}");
            TinyFolder.Write(folder, tasks.SelectMany(task => Texts(task.TaskId)));
        }

        return folder;
    }

    private static string ImageFile => Vlm.Images.ImageOptions.FileName;   // the last file that TinyFolder writes

    private IEnumerable<string> Texts(string task)
    {
        using var source = new QuestionSource(task, "", Split.Train, _options.PictureSize);
        return source.Texts(0, TextsPerTask);
    }

    private void Evaluate(Dictionary<string, double> metrics)
    {
        var options = new EvaluationOptions { Questions = _options.EvaluationQuestions };
        foreach (var source in _validation.Sources)
        {
            var result = Evaluator.Run(Policy, source, options);
            var prefix = _validation.Sources.Count == 1 ? "eval/" : $"eval/{source.Spec.Id}/";
            metrics[prefix + "reward"] = result.Reward;
            metrics[prefix + "interval"] = result.Interval;
            metrics[prefix + "as_expert"] = result.AsExpert;
            metrics[prefix + "readable"] = result.Readable;
        }
    }

    private void Save(string folder)
    {
        Policy.Save(folder);
        _optimiser.save_state_dict(Path.Combine(folder, OptimiserName));
    }

    private long Restore()
    {
        if (_checkpoints.Latest is not { } step)
        {
            return 0;
        }

        Policy.Restore(_checkpoints.FolderOf(step));
        _optimiser.load_state_dict(Path.Combine(_checkpoints.FolderOf(step), OptimiserName));
        return step;
    }

    private void RequireSameOptions()
    {
        var path = Path.Combine(_folder, "options.json");
        var wanted = JsonSerializer.Serialize(_options, _options.GetType(), OptionsJson.Format);
        if (!File.Exists(path))
        {
            AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(wanted)));
        }
        else if (File.ReadAllText(path) != wanted)
        {
            throw new ArgumentException(
                $"{_folder} holds a run with other options ({path}). Give the same to resume it, or another --out.");
        }
    }

    private ArithmeticException Stop(long step, object batch, Dictionary<string, double> metrics)
    {
        var path = Path.Combine(_folder, $"stopped-at-step-{step + 1}.json");
        File.WriteAllText(path, JsonSerializer.Serialize(new
        {
            step = step + 1, metrics = metrics.ToDictionary(item => item.Key, item => item.Value.ToString()), batch,
        }, OptionsJson.Format));
        return new ArithmeticException(
            $"Step {step + 1}: loss {metrics["loss"]}, gradient norm {metrics["grad_norm"]}; must be finite. "
            + $"The batch is in {path}. Lower the learning rate, and start again to resume from the last checkpoint.");
    }
}
