namespace PhysIntuition.Trainer.Recipes;

/// <summary>Task options from easy to hard; the next ones come once success has been high enough.</summary>
/// <param name="stages">The options of each level, as JSON objects.</param>
/// <param name="target">Success from which the level rises, in (0, 1].</param>
/// <param name="window">Steps whose mean success counts.</param>
internal sealed class Curriculum(IReadOnlyList<string> stages, double target, int window)
{
    private readonly List<double> _recent = [];

    /// <summary>From 0 on.</summary>
    public int Level { get; private set; }

    /// <summary>Options of the scenes to ask about now.</summary>
    public string Options => stages[Level];

    /// <summary>What must be kept to go on exactly.</summary>
    public CurriculumState State
    {
        get => new(Level, [.. _recent]);
        set
        {
            Level = value.Level;
            _recent.Clear();
            _recent.AddRange(value.Recent);
        }
    }

    /// <summary>Reads a JSON array of option objects; null where it is empty.</summary>
    /// <exception cref="ArgumentException">It is no array of objects.</exception>
    public static Curriculum? Read(string json, double target, int window)
    {
        if (json.Length == 0)
        {
            return null;
        }

        try
        {
            if (JsonNode.Parse(json) is JsonArray { Count: > 0 } list && list.All(item => item is JsonObject))
            {
                return new Curriculum([.. list.Select(item => item!.ToJsonString())], target, window);
            }
        }
        catch (JsonException)
        {
            // Said below.
        }

        throw new ArgumentException("curriculum must be a JSON array of the task's options, easiest first, as "
            + "[{\"difficulty\":\"easy\"},{\"difficulty\":\"any\"}].");
    }

    /// <summary>Takes the success of one step.</summary>
    /// <param name="success">0 as a random player, 1 as the expert.</param>
    public void Add(double success)
    {
        _recent.Add(success);
        if (_recent.Count > window)
        {
            _recent.RemoveAt(0);
        }

        if (Level + 1 < stages.Count && _recent.Count == window && _recent.Average() >= target)
        {
            Level++;
            _recent.Clear();
        }
    }
}

/// <summary>Where a curriculum stands.</summary>
/// <param name="Level">Which options.</param>
/// <param name="Recent">Success of the last steps at this level.</param>
internal sealed record CurriculumState(int Level, double[] Recent);

/// <summary>Remembers the best evaluation, and says when too many since were no better.</summary>
/// <param name="patience">Evaluations without a better one that end the run; 0 never ends it.</param>
internal sealed class EarlyStopping(int patience)
{
    /// <summary>What must be kept to go on exactly.</summary>
    public EarlyStoppingState State { get; set; } = new(null, 0);

    /// <summary>Whether the run should end.</summary>
    public bool IsOver => patience > 0 && State.Misses >= patience;

    /// <summary>Takes an evaluation.</summary>
    /// <returns>Whether it is the best so far.</returns>
    public bool Add(double score)
    {
        var isBest = State.Best is not { } best || score > best;
        State = isBest ? new(score, 0) : State with { Misses = State.Misses + 1 };
        return isBest;
    }
}

/// <summary>Where early stopping stands.</summary>
/// <param name="Best">The best evaluation; null before the first.</param>
/// <param name="Misses">Evaluations since.</param>
internal sealed record EarlyStoppingState(double? Best, int Misses);
