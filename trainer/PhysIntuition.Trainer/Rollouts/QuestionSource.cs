using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation;
using PhysIntuition.Vlm.Images;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>Questions of one task, and the scores of answers to them; environments in this process.</summary>
/// <remarks>Questions are a pure function of task, options, split and seed, so a resumed run sees the same.</remarks>
public sealed class QuestionSource : IDisposable
{
    private readonly BatchSimulator _simulator = new();
    private readonly CpuRenderer _renderer = new();
    private readonly ITask _task;
    private readonly TaskOptions _options;
    private readonly Split _split;
    private readonly int _pictureSize;
    private readonly Dictionary<int, EnvironmentBatch> _batches = [];

    /// <summary>Opens a task.</summary>
    /// <param name="taskId">Name with version, for example "Stability-v1".</param>
    /// <param name="optionsJson">The task's options as a JSON object; empty takes the defaults.</param>
    /// <param name="split">Where scenes come from; not held-out ones, whose rewards are withheld.</param>
    /// <param name="pictureSize">Pixels along a picture's side.</param>
    public QuestionSource(string taskId, string optionsJson, Split split, int pictureSize)
    {
        _task = TaskCatalog.Find(taskId);
        if (_task.Spec.MaxSteps != 1)
        {
            throw new ArgumentException($"{taskId} takes {_task.Spec.MaxSteps} steps; choose a task of one step.");
        }

        _options = OptionsReader.Read(_task.Spec, optionsJson);
        _split = split;
        _pictureSize = pictureSize;
    }

    /// <summary>The facts about the task.</summary>
    public TaskSpec Spec => _task.Spec;

    /// <summary>Asks about the scenes of consecutive seeds.</summary>
    public Question[] Ask(ulong firstSeed, int count)
    {
        var batch = Reset(firstSeed, count);
        var pictures = Draw(batch, count);
        return [.. Enumerable.Range(0, count).Select(i =>
            new Question(firstSeed + (ulong)i, batch.Prompt(i), pictures[i], batch.Expert(i)))];
    }

    /// <summary>Prompts and expert answers of consecutive seeds, without pictures.</summary>
    public IEnumerable<string> Texts(ulong firstSeed, int count)
    {
        var batch = Reset(firstSeed, count);
        return [.. Enumerable.Range(0, count).SelectMany(i => new[] { batch.Prompt(i), batch.Expert(i) })];
    }

    /// <summary>Scores several answers to each of the questions of consecutive seeds.</summary>
    /// <param name="firstSeed">As the questions were asked.</param>
    /// <param name="answers">[question, answer]; equally many for every question.</param>
    public Score[][] Judge(ulong firstSeed, IReadOnlyList<IReadOnlyList<string>> answers)
    {
        var (count, each) = (answers.Count, answers[0].Count);
        var asked = Reset(firstSeed, count);
        var judged = each == 1 ? asked : Rent(count * each);
        if (each > 1)
        {
            // The scene is arranged once and copied, not arranged again for every answer.
            for (var slot = 0; slot < judged.Slots; slot++)
            {
                judged.Fork(slot, asked, slot / each);
            }
        }

        judged.Step([.. answers.SelectMany(row => row).Select(SlotAction.OfText)]);
        var results = judged.Results;
        return [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(i * each, each)
            .Select(slot => new Score(results.Rewards[slot], results.ParseErrors[slot] is null)).ToArray())];
    }

    /// <summary>Releases the simulator.</summary>
    public void Dispose() => _simulator.Dispose();

    private EnvironmentBatch Reset(ulong firstSeed, int count)
    {
        var batch = Rent(count);
        batch.Reset(firstSeed);
        return batch;
    }

    private EnvironmentBatch Rent(int slots)
    {
        if (!_batches.TryGetValue(slots, out var batch))
        {
            var options = new BatchOptions
            {
                Slots = slots, Task = _options, Split = _split, Autoreset = AutoresetMode.Disabled,
            };
            _batches[slots] = batch = new EnvironmentBatch(_task, options, _simulator, _renderer);
        }

        return batch;
    }

    private RgbImage[] Draw(EnvironmentBatch batch, int count)
    {
        var format = new FrameFormat(_pictureSize, _pictureSize);
        var size = format.BytesOf(Channels.Rgb);
        var pixels = new byte[size * count];
        batch.Render([.. Enumerable.Range(0, count)], format, new FrameBuffers { Rgb = pixels });
        return [.. pixels.Chunk(size).Select(frame => new RgbImage(_pictureSize, _pictureSize, frame))];
    }
}
