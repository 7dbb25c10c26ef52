namespace PhysIntuition.Trainer.Rollouts;

/// <summary>Questions of several tasks by weight, or of one; the same seeds always give the same mixture.</summary>
public sealed class TaskSampler : IDisposable
{
    private readonly double[] _weights;

    /// <summary>Opens the tasks.</summary>
    /// <param name="clients">Where their environments run.</param>
    /// <param name="tasks">Which, and how often.</param>
    /// <param name="optionsJson">Every task's options; one that does not know them refuses them by name.</param>
    /// <param name="split">Where scenes come from.</param>
    /// <param name="pictureSize">Pixels along a picture's side.</param>
    public TaskSampler(
        EnvironmentClients clients, IReadOnlyList<TaskShare> tasks, string optionsJson, string split, int pictureSize)
    {
        var total = tasks.Sum(task => task.Weight);
        _weights = [.. tasks.Select(task => task.Weight / total)];
        Sources =
            [.. tasks.Select(task => new QuestionSource(clients, task.TaskId, optionsJson, split, pictureSize))];
    }

    /// <summary>One source per task.</summary>
    public IReadOnlyList<QuestionSource> Sources { get; }

    /// <summary>Seconds of work on arranging, settling and drawing, and on scoring, so far.</summary>
    public (double Asking, double Judging) Seconds =>
        (Sources.Sum(source => source.Seconds.Asking), Sources.Sum(source => source.Seconds.Judging));

    /// <summary>Asks questions, grouped by task.</summary>
    /// <param name="firstSeed">Every task's first scene; calls that are a count apart share no scene.</param>
    /// <param name="count">Questions of all tasks together.</param>
    /// <param name="options">The task's options for these scenes alone; empty keeps the source's.</param>
    public async Task<Episodes> AskAsync(ulong firstSeed, int count, string options = "")
    {
        var counts = Counts(firstSeed, count);
        var parts = await Task.WhenAll(Sources.Where((_, i) => counts[i] > 0).Select(
            (source, i) => source.AskPartsAsync(firstSeed, counts.Where(each => each > 0).ElementAt(i), options)))
            .ConfigureAwait(false);
        return new Episodes([.. parts.SelectMany(part => part)]);
    }

    /// <summary>Releases every source.</summary>
    public void Dispose()
    {
        foreach (var source in Sources)
        {
            source.Dispose();
        }
    }

    /// <summary>How many questions each task gets: every seed draws one task.</summary>
    private int[] Counts(ulong firstSeed, int count)
    {
        var counts = new int[_weights.Length];
        for (var i = 0; i < count; i++)
        {
            // SplitMix64's finaliser: neighbouring seeds draw independently.
            var bits = (firstSeed + (ulong)i + 1) * 0x9E3779B97F4A7C15;
            bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
            bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
            counts[Draw((bits ^ (bits >> 31)) / (ulong.MaxValue + 1.0))]++;
        }

        return counts;
    }

    private int Draw(double uniform)
    {
        var task = 0;
        for (var sum = _weights[0]; uniform >= sum && task + 1 < _weights.Length; sum += _weights[task])
        {
            task++;
        }

        return task;
    }
}

/// <summary>A task and how often it is asked.</summary>
/// <param name="TaskId">Name with version.</param>
/// <param name="Weight">Above 0; relative to the other tasks'.</param>
public sealed record TaskShare(string TaskId, double Weight)
{
    /// <summary>Reads "Stability-v1" or "Stability-v1:2,OffsetX-v1:1".</summary>
    /// <exception cref="ArgumentException">A weight is not above 0, a task is named twice, or none is.</exception>
    public static IReadOnlyList<TaskShare> Parse(string text)
    {
        TaskShare[] shares = [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(ParseOne)];
        if (shares.Length == 0)
        {
            throw new ArgumentException("task is empty; name one, or several as Stability-v1:2,OffsetX-v1:1.");
        }

        return shares.DistinctBy(share => share.TaskId).Count() == shares.Length
            ? shares
            : throw new ArgumentException($"task is '{text}'; a task may be named once. Raise its weight instead.");
    }

    private static TaskShare ParseOne(string part)
    {
        var pieces = part.Split(':');
        var weight = 1.0;
        var isValid = pieces.Length == 1
            || (pieces.Length == 2 && double.TryParse(pieces[1], CultureInfo.InvariantCulture, out weight));
        return isValid && weight > 0 && double.IsFinite(weight)
            ? new TaskShare(pieces[0], weight)
            : throw new ArgumentException($"task '{part}' has no weight above 0; write it as Stability-v1:2.");
    }
}
