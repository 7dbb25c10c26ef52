namespace PhysIntuition.Evaluation.Runs;

/// <summary>Who is asked about what, and how: every resolved option of a run.</summary>
public sealed record EvaluationPlan
{
    /// <summary>Who answers.</summary>
    public required IReadOnlyList<ModelName> Models { get; init; }

    /// <summary>Tasks, with version.</summary>
    public required IReadOnlyList<string> Tasks { get; init; }

    /// <summary>The tasks' options as a JSON object; empty takes the defaults.</summary>
    public string TaskOptions { get; init; } = "";

    /// <summary>Splits and suites: "test", "test/tall-v1".</summary>
    public IReadOnlyList<string> Splits { get; init; } = ["test"];

    /// <summary>Scenes of every cell; their seeds are 0, 1, 2, ...</summary>
    public int Questions { get; init; } = 100;

    /// <summary>Numbers of solved scenes shown first.</summary>
    public IReadOnlyList<int> Examples { get; init; } = [0];

    /// <summary>Times that every scene is asked, for pass@k and the mean of k.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>Earlier turns of an episode that stay in the conversation.</summary>
    public int History { get; init; } = int.MaxValue;

    /// <summary>Pixels along a picture's side.</summary>
    public int PictureSize { get; init; } = 224;

    /// <summary>What is asked of the model beside the messages.</summary>
    public GenerationSettings Generation { get; init; } = new();

    /// <summary>Dollars after which nothing more is sent; null: no limit.</summary>
    public double? CostLimit { get; init; }

    /// <summary>Every place of the table, in the order of tables.</summary>
    public IEnumerable<(ModelName Model, string Task, string Split, int Examples)> Cells =>
        from model in Models
        from task in Tasks
        from split in Splits
        from examples in Examples
        select (model, task, split, examples);
}
