using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Trainer.Study;

/// <summary>The tasks of the study by what they ask for; those that the catalogue has.</summary>
internal static class StudyTasks
{
    /// <summary>What is there, read from the picture alone.</summary>
    public static IReadOnlyList<string> Seeing { get; } = Known(
        "Locate", "Order", "Count", "Margin", "Describe", "SslRotation", "SslJigsaw", "SslPatchPosition");

    /// <summary>A description of the scene as a list, for arms that describe before they answer.</summary>
    public static IReadOnlyList<string> Describing { get; } = Known("Describe");

    /// <summary>Which picture, cause or order belongs to what happens.</summary>
    public static IReadOnlyList<string> Foreseeing { get; } = Known("Outcome", "Cause", "Impulse", "Sequence");

    /// <summary>Self-supervised tasks.</summary>
    public static IReadOnlyList<string> SelfSupervised { get; } = Known(
        "SslRotation", "SslJigsaw", "SslPatchPosition", "SslContrastive");

    /// <summary>What happens, one answer.</summary>
    public static IReadOnlyList<string> Physics { get; } = Known(
        "Stability", "OffsetX", "PushOutcome", "Balance", "PyramidStability", "RedRemove", "Offset", "Push",
        "PushRest", "Collision", "CollisionStop");

    /// <summary>Tasks that are held out in turn; photographs where there are some.</summary>
    public static IReadOnlyList<string> HeldOut { get; } = Known("Stability", "Offset", "PushOutcome", "Balance");

    /// <summary>What `train base` learns: to see, and the form of all other answers.</summary>
    public static SftOptions Base { get; } = new()
    {
        Task = string.Join(',', Seeing.Concat(Physics).Concat(Foreseeing)), FormTasks = Join(Physics, Foreseeing),
        Steps = 400, LearningRate = 4e-4,
    };

    /// <summary>Tasks whose options say how hard their scenes are.</summary>
    private static IReadOnlyList<string> Graded { get; } =
        [.. Physics.Where(id => TaskCatalog.Find(id).Spec.OptionsType.GetProperty("Difficulty") is not null)];

    // The same question along fewer axes is no other task.
    private static readonly string[][] s_alike = [["Offset-v1", "OffsetX-v1", "OffsetRetry-v1"]];

    /// <summary>The tasks of a family by its name in arms.</summary>
    /// <exception cref="PhysIntuitionException">There is no such family.</exception>
    public static IReadOnlyList<string> Family(string name) => name switch
    {
        "physics" => Physics,
        "seeing" => Seeing,
        "foreseeing" => Foreseeing,
        "describing" => Describing,
        "self" => SelfSupervised,
        "graded" => Graded,
        _ => throw KnownNames.Unknown(
            "family", name, ["physics", "seeing", "foreseeing", "describing", "self", "graded"]),
    };

    /// <summary>Whether learning one is learning the other.</summary>
    public static bool AreAlike(string first, string second) =>
        first == second || s_alike.Any(group => group.Contains(first) && group.Contains(second));

    /// <summary>As recipes take them.</summary>
    public static string Join(params IReadOnlyList<string>[] families) =>
        string.Join(',', families.SelectMany(family => family).Distinct());

    private static string[] Known(params string[] names) =>
        [.. TaskCatalog.All.Select(task => task.Spec).Where(spec => names.Contains(spec.Name))
            .OrderBy(spec => Array.IndexOf(names, spec.Name)).Select(spec => spec.Id)];
}
