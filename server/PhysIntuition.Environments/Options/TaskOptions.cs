using System.ComponentModel.DataAnnotations;

namespace PhysIntuition.Environments.Options;

/// <summary>What every task lets its user choose. Each task's own record adds to this.</summary>
public abstract record TaskOptions
{
    private const int MaxAttempts = 8;

    /// <summary>Blocks' colours.</summary>
    public PaletteName Palette { get; init; } = PaletteName.Paints;

    /// <summary>Blocks' surfaces.</summary>
    public Surface Surface { get; init; } = Surface.PaintedWood;

    /// <summary>The ground's look.</summary>
    public Ground Ground { get; init; } = Ground.Tiles;

    /// <summary>The overall look.</summary>
    public Look Style { get; init; } = Look.Studio;

    /// <summary>From where the scene is seen.</summary>
    public CameraOptions Camera { get; init; } = new();

    /// <summary>How the scene is lit.</summary>
    public LightOptions Light { get; init; } = new();

    /// <summary>What bodies and ground are like.</summary>
    public PhysicsOptions Physics { get; init; } = new();

    /// <summary>
    /// The prompt's text, at most 2,000 characters; empty takes the task's own. <c>{question}</c> and
    /// <c>{form}</c> are replaced by the task's question and by the answer's form, which must be there.
    /// </summary>
    [StringLength(2000)]
    public string Prompt { get; init; } = "";

    /// <summary>In which words prompts ask for an answer: the paper's, or the same for all tasks.</summary>
    public AnswerForm Form { get; init; }

    /// <summary>Solved examples given with each question: 0, 3 or 5.</summary>
    [AllowedValues(0, 3, 5)]
    [Range(0, 5)]
    public int Examples { get; init; }

    /// <summary>
    /// Answers that an episode takes, in [1, 8]; after each the outcome is shown. It ends sooner where an answer scores
    /// all that can be had.
    /// </summary>
    [Range(1, MaxAttempts)]
    public int Attempts { get; init; } = 1;

    /// <summary>Which of several answers an episode's rewards add up to.</summary>
    public CountedAttempt Counts { get; init; }

    /// <summary>
    /// Tries in an episode, in [0, 8]: <c>&lt;try&gt;ANSWER&lt;/try&gt;</c> shows what would come of an answer and is
    /// none.
    /// </summary>
    [Range(0, MaxAttempts)]
    public int Tries { get; init; }

    /// <summary>Reward that each try costs, in [0, 1].</summary>
    [Range(0.0, 1.0)]
    public float TryCost { get; init; } = 0.1f;

    /// <summary>Picture width, pixels.</summary>
    [Range(16, 1024)]
    public int PictureWidth { get; init; } = 224;

    /// <summary>Picture height, pixels.</summary>
    [Range(16, 1024)]
    public int PictureHeight { get; init; } = 224;

    /// <summary>The seed that the scene is made from: the caller's, unless several seeds share a scene.</summary>
    internal ulong SharedSeed(ulong seed) => this is IPairOptions { Pairs: true } ? seed >> 1 : seed;

    /// <summary>The task's own rules across fields; empty when all hold.</summary>
    /// <returns>For each broken rule the field's path and a sentence.</returns>
    internal virtual IEnumerable<OptionFault> Check()
    {
        foreach (var fault in OptionRules.CheckRanges(this))
        {
            yield return fault;
        }

        if (Examples is not (0 or 3 or 5))
        {
            yield return new("examples", $"'examples' is {Examples}; it must be 0, 3 or 5.");
        }

        if (!(TryCost is >= 0 and <= 1))
        {
            yield return new("tryCost", string.Create(CultureInfo.InvariantCulture,
                $"'tryCost' is {TryCost}; it must lie in [0, 1]."));
        }

        if (Prompt.Length > 0 && !Prompt.Contains("{form}", StringComparison.Ordinal))
        {
            yield return new("prompt", "'prompt' lacks {form}; without it nobody knows how to write the answer.");
        }
    }
}

/// <summary>Which of several answers counts.</summary>
public enum CountedAttempt
{
    /// <summary>The last.</summary>
    Last,

    /// <summary>The one that scores most.</summary>
    Best,
}

/// <summary>A broken rule.</summary>
/// <param name="Path">The field in wire spelling, for example <c>blocks.min</c>.</param>
/// <param name="Message">Field, value, rule.</param>
internal readonly record struct OptionFault(string Path, string Message);
