namespace PhysIntuition.Environments.Observations;

/// <summary>One kind of observation that may be asked for by name.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Wire spelling.</param>
/// <param name="Type"><c>uint8</c>, <c>int32</c>, <c>uint64</c>, <c>float32</c> or <c>text</c>.</param>
/// <param name="Shape">Axes of one row in row-major order; empty for text and single numbers.</param>
/// <param name="Summary">Content and unit.</param>
/// <param name="IsPrivileged">Tells more than a player sees; withheld on held-out splits.</param>
public sealed record ObservationSpec(
    ObservationKind Kind, string Name, string Type, string Shape, string Summary, bool IsPrivileged = false)
{
    /// <summary>The picture.</summary>
    public static ObservationSpec Rgb { get; } =
        new(ObservationKind.Rgb, "rgb", "uint8", "height, width, 3", "sRGB picture.");

    /// <summary>Distances.</summary>
    public static ObservationSpec Depth { get; } = new(
        ObservationKind.Depth, "depth", "float32", "height, width",
        "Distance along the view direction, m; infinity where nothing is.");

    /// <summary>Which block is where.</summary>
    public static ObservationSpec Segmentation { get; } = new(
        ObservationKind.Segmentation, "segmentation", "uint8", "height, width",
        "0 ground, i + 1 block i, 255 sky or wall.");

    /// <summary>The exact scene.</summary>
    public static ObservationSpec State { get; } = new(
        ObservationKind.State, "state", "float32", $"{StateLayout.Rows}, {StateLayout.Columns}", StateLayout.Summary,
        IsPrivileged: true);

    /// <summary>The question.</summary>
    public static ObservationSpec Prompt { get; } =
        new(ObservationKind.Prompt, "prompt", "text", "", "The question, with the answer's form.");

    /// <summary>What a task with one rendered picture offers.</summary>
    public static IReadOnlyList<ObservationSpec> Standard { get; } = [Rgb, Depth, Segmentation, State, Prompt];

    /// <summary>What a task whose picture is composed of others offers.</summary>
    public static IReadOnlyList<ObservationSpec> PictureOnly { get; } = [Rgb, Prompt];

    /// <summary>What every task offers besides its own.</summary>
    public static IReadOnlyList<ObservationSpec> Common { get; } =
    [
        new(ObservationKind.Messages, "messages", "text", "",
            "JSON array of the new turns of a chat, as OpenAI's API takes them: at first the system's and the "
            + "question, later what came of the answer and the next question; pictures as PNG data URIs in "
            + "user turns. With 'history' also the turns before, the answers between them."),
        new(ObservationKind.Info, "info", "text", "",
            "JSON object about the last answer: parse_error, verdict, distance (m); null where there is nothing to "
            + "say or the split withholds it."),
        new(ObservationKind.Expert, "expert", "text", "", "The expert's answer, as a text that the task parses.",
            IsPrivileged: true),
        new(ObservationKind.Margin, "margin", "float32", "",
            "How far the scene is from another outcome, block widths: above 0 it stands, below 0 it falls; NaN where "
            + "the task has no such measure.", IsPrivileged: true),
        new(ObservationKind.Seed, "seed", "uint64", "", "Seed of the episode; 0 where withheld."),
        new(ObservationKind.Steps, "steps", "int32", "", "Steps taken in the episode."),
        new(ObservationKind.SceneHash, "scene_hash", "uint64", "", "Hash of the scene: the same on every machine."),
        new(ObservationKind.OutcomeHash, "outcome_hash", "uint64", "",
            "Hash of the simulated outcome of this step; 0 where nothing was simulated."),
    ];

    /// <summary>Whether it has to be drawn.</summary>
    public bool IsPicture => Channel != Channels.None;

    /// <summary>Whether it shows bodies, so that an ended episode's may show its outcome.</summary>
    public bool ShowsScene => IsPicture || Kind is ObservationKind.State or ObservationKind.Messages;

    /// <summary>Whether a row is a text.</summary>
    public bool IsText => Type == "text";

    /// <summary>The channel that a picture is drawn in.</summary>
    public Channels Channel => Kind switch
    {
        ObservationKind.Rgb => Channels.Rgb,
        ObservationKind.Depth => Channels.Depth,
        ObservationKind.Segmentation => Channels.Segmentation,
        _ => Channels.None,
    };

    /// <summary>Everything that a task offers, in the order in which it is listed.</summary>
    public static IEnumerable<ObservationSpec> Of(TaskSpec task) => task.Observations.Concat(Common);

    /// <summary>Finds what a task offers by name.</summary>
    /// <returns>Null: nothing of that name.</returns>
    public static ObservationSpec? Find(TaskSpec task, string name) => Of(task).FirstOrDefault(own => own.Name == name);
}

/// <summary>What an observation's name stands for; <see cref="ObservationSpec"/> describes each.</summary>
public enum ObservationKind
{
    /// <summary>The picture.</summary>
    Rgb,

    /// <summary>Distances.</summary>
    Depth,

    /// <summary>Which block is where.</summary>
    Segmentation,

    /// <summary>The exact scene.</summary>
    State,

    /// <summary>The question.</summary>
    Prompt,

    /// <summary>Question, picture and what came of the answer, as turns of a chat.</summary>
    Messages,

    /// <summary>What is said about the answer.</summary>
    Info,

    /// <summary>The expert's answer.</summary>
    Expert,

    /// <summary>How far the scene is from another outcome.</summary>
    Margin,

    /// <summary>Seed of the episode.</summary>
    Seed,

    /// <summary>Steps taken.</summary>
    Steps,

    /// <summary>Hash of the scene.</summary>
    SceneHash,

    /// <summary>Hash of what was simulated for the answer.</summary>
    OutcomeHash,
}
