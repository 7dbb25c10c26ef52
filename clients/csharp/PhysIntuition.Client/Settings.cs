namespace PhysIntuition.Client;

/// <summary>Which observations are wanted; nothing else is computed or sent.</summary>
/// <param name="Names">"rgb", "depth", "segmentation", "state", "prompt", "info", ... as the task lists them.</param>
public sealed record Observe(params string[] Names)
{
    /// <summary>Picture width, pixels; 0: 224.</summary>
    public int Width { get; init; }

    /// <summary>Picture height, pixels; 0: 224.</summary>
    public int Height { get; init; }

    /// <summary>Raw tensors by default.</summary>
    public PictureEncoding Encoding { get; init; } = PictureEncoding.Raw;

    /// <summary>JPEG quality, 1 to 100.</summary>
    public int Quality { get; init; } = 90;

    /// <summary>Samples per edge pixel: 1, 4 or 8.</summary>
    public int Samples { get; init; } = 4;

    /// <summary>Which turns "messages" shows: "new", "all", or a number of the user's last ones; empty:
    /// "new".</summary>
    public string History { get; init; } = "";
}

/// <summary>How an environment is opened.</summary>
/// <param name="Task">Id with version, "Stability-v1".</param>
public sealed record EnvironmentSettings(string Task)
{
    /// <summary>"train", "val", "test", "heldout".</summary>
    public string Split { get; init; } = "train";

    /// <summary>Episodes side by side.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>The task's options as a JSON object; empty: defaults.</summary>
    public string Options { get; init; } = "";

    /// <summary>On top of <see cref="Options"/>, one JSON object for each slot; empty: none.</summary>
    public IReadOnlyList<string> SlotOptions { get; init; } = [];

    /// <summary>When a slot whose episode has ended starts its next one: with the next step unless told
    /// otherwise.</summary>
    public AutoresetMode Autoreset { get; init; } = AutoresetMode.NextStep;

    /// <summary>What is shown of an ended episode: the settled world, or the question, which costs nothing.</summary>
    public TerminalObservation Outcome { get; init; } = TerminalObservation.Settled;

    /// <summary>What Reset and Step return; null: no observations.</summary>
    public Observe? Observe { get; init; }

    /// <summary>Calls that may overlap without loss when the connection breaks, 1 to 64.</summary>
    public int ReplayWindow { get; init; } = 4;

    /// <summary>Buffers of shared memory for raw tensors where the server is on this machine; 0: none.</summary>
    /// <remarks>A result's tensors stay valid until this many minus one further calls were made.</remarks>
    public int SharedBuffers { get; init; } = 4;
}

/// <summary>Which episodes a reset starts.</summary>
public sealed record ResetSettings
{
    /// <summary>Slot i starts from this + i.</summary>
    public ulong? Seed { get; init; }

    /// <summary>One for each row, instead of <see cref="Seed"/>.</summary>
    public IReadOnlyList<ulong> Seeds { get; init; } = [];

    /// <summary>bool[slots]; null: all.</summary>
    public IReadOnlyList<bool>? Mask { get; init; }

    /// <summary>From now on: empty, one JSON object for all rows, or one for each.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>For this call only; null: as created.</summary>
    public Observe? Observe { get; init; }

    /// <summary>Slot i starts from <paramref name="seed"/> + i.</summary>
    public static implicit operator ResetSettings(ulong seed) => new() { Seed = seed };
}

/// <summary>Which slots a step moves, and what it returns.</summary>
public sealed record StepSettings
{
    /// <summary>bool[slots]; null: all.</summary>
    public IReadOnlyList<bool>? Mask { get; init; }

    /// <summary>For this call only; null: as created.</summary>
    public Observe? Observe { get; init; }
}

/// <summary>Answers to be scored. Give <see cref="Answers"/> or <see cref="Numbers"/>.</summary>
/// <param name="Task">Id with version.</param>
/// <param name="Seeds">One for each answer, or for each entry of <see cref="Turns"/>.</param>
public sealed record ScoreSettings(string Task, IReadOnlyList<ulong> Seeds)
{
    /// <summary>"train", "val", "test".</summary>
    public string Split { get; init; } = "train";

    /// <summary>The task's options as a JSON object; empty: defaults.</summary>
    public string Options { get; init; } = "";

    /// <summary>What a language model wrote.</summary>
    public IReadOnlyList<string>? Answers { get; init; }

    /// <summary>float32[answers, action_size].</summary>
    public ReadOnlyMemory<float> Numbers { get; init; }

    /// <summary>How many answers belong to each seed, where they are conversations; empty: one.</summary>
    public IReadOnlyList<int> Turns { get; init; } = [];

    /// <summary>Observations of the ended episodes; null: none.</summary>
    public Observe? Observe { get; init; }
}

/// <summary>Rows of a dataset.</summary>
/// <param name="Task">Id with version.</param>
/// <param name="FirstSeed">Seed of the first row.</param>
/// <param name="Count">Rows; their seeds follow one another.</param>
public sealed record DatasetSettings(string Task, ulong FirstSeed, int Count)
{
    /// <summary>"train", "val", "test", "heldout".</summary>
    public string Split { get; init; } = "train";

    /// <summary>The task's options as a JSON object; empty: defaults.</summary>
    public string Options { get; init; } = "";

    /// <summary>Columns.</summary>
    public Observe Observe { get; init; } = new("rgb", "prompt") { Encoding = PictureEncoding.Png };

    /// <summary>Rows in one chunk, 1 to 1,024.</summary>
    public int ChunkRows { get; init; } = 64;
}
