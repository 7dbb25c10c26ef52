using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Options;

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
