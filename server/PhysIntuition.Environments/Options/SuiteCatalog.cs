namespace PhysIntuition.Environments.Options;

/// <summary>Every suite, one axis each. Seeds are shared with the split, so suites are paired with it scene by
/// scene.</summary>
public static class SuiteCatalog
{
    /// <summary>All suites.</summary>
    public static IReadOnlyList<Suite> All { get; } =
    [
        Columns("tall-v1", "blocks", "6 to 10 blocks.", o => o with { Blocks = new(6, 10) }),
        Columns("low-v1", "blocks", "2 blocks.", o => o with { Blocks = new(2, 2) }),
        Columns("small-v1", "size", "Blocks 0.4 to 0.6 m wide.", o => o with { BlockWidth = new(0.4f, 0.6f) }),
        Columns("flat-v1", "size", "Blocks half as high as wide.", o => o with { BlockHeight = new(0.4f, 0.6f) }),
        Towers("easy-v1", "difficulty", "Margins of 0.16 to 0.30.", o => o with { Difficulty = Difficulty.Easy }),
        Towers("hard-v1", "difficulty", "Margins of 0.02 to 0.08.", o => o with { Difficulty = Difficulty.Hard }),
        Any("pastel-v1", "colour", "Light tints.", o => o with { Palette = PaletteName.Pastels }),
        Any("grey-v1", "colour", "Greys.", o => o with { Palette = PaletteName.Greys }),
        Any("wood-v1", "texture", "Bare wood on planks.",
            o => o with { Palette = PaletteName.Woods, Surface = Surface.PlainWood, Ground = Ground.Planks }),
        Any("stone-v1", "texture", "Speckled blocks on squares.",
            o => o with { Surface = Surface.Stone, Ground = Ground.Checker }),
        Any("cubeworld-v1", "texture", "Flat and bright.", o => o with { Style = Look.Cubeworld, Surface =
            Surface.Flat }),
        Any("photo-v1", "texture", "Near to photographs.",
            o => o with { Style = Look.Photo, Palette = PaletteName.Woods, Ground = Ground.Backdrop }),
        Any("side-v1", "camera", "Seen from 25 to 40 degrees to the right.",
            o => o with { Camera = o.Camera with { Azimuth = new(25, 40) } }),
        Any("above-v1", "camera", "Seen from 28 to 40 degrees above.",
            o => o with { Camera = o.Camera with { Elevation = new(28, 40) } }),
        Any("far-v1", "camera", "Seen from 1.6 to 2 times the distance.",
            o => o with { Camera = o.Camera with { Distance = new(1.6f, 2f) } }),
        Any("evening-v1", "light", "A low sun from the other side.",
            o => o with { Light = o.Light with { Azimuth = new(50, 80), Elevation = new(22, 32) } }),
        Any("dim-v1", "light", "A third of the sun, two thirds of the sky.",
            o => o with { Light = o.Light with { Strength = NumberRange.At(0.33f), Sky = NumberRange.At(0.66f) } }),
        Any("slippery-v1", "friction", "Friction 0.3.",
            o => o with { Physics = o.Physics with { Friction = NumberRange.At(0.3f) } }),
        Any("dense-v1", "mass", "Eight times the density.",
            o => o with { Physics = o.Physics with { Density = NumberRange.At(4000) } }),
        Any("moon-v1", "gravity", "1.62 m/s².",
            o => o with { Physics = o.Physics with { Gravity = NumberRange.At(1.62f) } }),
        Heaps("many-v1", "blocks", "9 to 12 blocks.", o => o.With(blocks: new(9, 12))),
        Heaps("little-v1", "size", "Blocks 0.2 to 0.3 m wide.", o => o with { BlockWidth = new(0.2f, 0.3f) }),
        new("high-v1", "blocks", "5 or 6 blocks.", spec => spec.OptionsType == typeof(DescribeOptions),
            options => (DescribeOptions)options with { Blocks = new(5, 6) }),
        new("cottage-v1", "blocks", "One storey.", spec => spec.OptionsType == typeof(JengaOptions),
            options => (JengaOptions)options with { Storeys = new(1, 1) }),
        new("fixed-v1", "structure", "40 structures, the same for everybody and each no easier than the one before: "
            + "seed s gives the one of number s modulo 40.", spec => spec.OptionsType == typeof(BuildOptions),
            options => (BuildOptions)options with { Fixed = true }),
        new("pairs-v1", "pairs", "Minimal pairs: seeds 2k and 2k + 1 differ by one small change and in their outcome.",
            spec => spec.HasPairs, options => ((IPairOptions)options).WithPairs()),
    ];

    /// <summary>The suites of a task.</summary>
    public static IEnumerable<Suite> Of(TaskSpec spec) => All.Where(suite => suite.Applies(spec));

    /// <summary>Reads <c>train</c>, <c>val</c>, <c>test</c>, <c>heldout</c>, or one of them with
    /// <c>/suite</c>.</summary>
    /// <param name="spec">Whose split.</param>
    /// <param name="name">Wire spelling; empty or null is <c>train</c>; a suite's name alone means
    /// <c>test/</c>.</param>
    /// <exception cref="PhysIntuitionException">There is none of that name; the message lists them.</exception>
    public static SplitChoice Find(TaskSpec spec, string? name)
    {
        var text = string.IsNullOrWhiteSpace(name) ? "train" : name.Trim();
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var head = slash < 0 ? text : text[..slash];
        var place = spec.Splits.ToList().FindIndex(s => s.ToString().Equals(head, StringComparison.OrdinalIgnoreCase));
        var (isSplit, split) = (place >= 0, place >= 0 ? spec.Splits[place] : default);
        if (isSplit && slash < 0)
        {
            return new(split, null);
        }

        var wanted = isSplit ? text[(slash + 1)..] : text;
        var suite = Of(spec).FirstOrDefault(s => s.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase));

        return suite is not null ? new(isSplit ? split : Split.Test, suite) : throw new PhysIntuitionException(
            Fault.NotFound, "split", $"'split' is '{text}'; {Known(spec)} Choose one."
            + KnownNames.Hint(wanted, Names(spec)));
    }

    private static IEnumerable<string> Names(TaskSpec spec) =>
        [.. spec.Splits.Select(split => split.ToString().ToLowerInvariant()), .. Of(spec).Select(suite => suite.Name)];

    private static string Known(TaskSpec spec)
    {
        var splits = $"{spec.Id} has {string.Join(", ", spec.Splits).ToLowerInvariant()}";
        var suites = Of(spec).Select(suite => suite.Name).ToArray();
        return suites.Length == 0
            ? $"{splits}."
            : $"{splits}, and under each the suites {string.Join(", ", suites)}, as in test/{suites[0]}.";
    }

    private static Suite Any(string name, string axis, string summary, Func<TaskOptions, TaskOptions> change) =>
        new(name, axis, summary, spec => spec.HasScenes, change);

    private static Suite Columns(string name, string axis, string summary, Func<ColumnOptions, ColumnOptions> change) =>
        new(name, axis, summary, spec => spec.OptionsType.IsSubclassOf(typeof(ColumnOptions)),
            options => change((ColumnOptions)options));

    private static Suite Heaps(string name, string axis, string summary, Func<HeapOptions, HeapOptions> change) =>
        new(name, axis, summary, spec => spec.OptionsType.IsSubclassOf(typeof(HeapOptions)),
            options => change((HeapOptions)options));

    private static Suite Towers(string name, string axis, string summary, Func<TowerOptions, TowerOptions> change) =>
        new(name, axis, summary, spec => spec.OptionsType.IsSubclassOf(typeof(TowerOptions)),
            options => change((TowerOptions)options));
}

/// <summary>A named, versioned change of options: scenes that differ from the usual ones along one axis.</summary>
/// <param name="Name">Wire spelling with version, for example <c>tall-v1</c>.</param>
/// <param name="Axis">What differs: blocks, size, colour, texture, camera, light, friction, density, gravity,
/// pairs.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Applies">Whether a task's options have this axis.</param>
/// <param name="Change">The same options with the axis changed.</param>
public sealed record Suite(
    string Name, string Axis, string Summary, Func<TaskSpec, bool> Applies, Func<TaskOptions, TaskOptions> Change);

/// <summary>Where scenes come from: a split, and perhaps a suite that changes the options.</summary>
/// <param name="Split">The family of seeds.</param>
/// <param name="Suite">The change of options; null for none.</param>
public sealed record SplitChoice(Split Split, Suite? Suite)
{
    /// <summary>Wire spelling: <c>train</c>, or <c>test/tall-v1</c>.</summary>
    public string Name => Suite is null ? Split.ToString().ToLowerInvariant()
        : $"{Split.ToString().ToLowerInvariant()}/{Suite.Name}";

    /// <summary>The options to use for a user's options.</summary>
    public TaskOptions Apply(TaskOptions options) => Suite is null ? options : Suite.Change(options);
}
