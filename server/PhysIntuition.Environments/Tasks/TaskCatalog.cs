namespace PhysIntuition.Environments.Tasks;

/// <summary>Every task, in the order that people see. A new task is one line here.</summary>
public static class TaskCatalog
{
    /// <summary>All tasks.</summary>
    public static IReadOnlyList<ITask> All { get; } =
    [
        new Stability(),
        new PyramidStability(),
        new RedRemove(),
        new OffsetX(),
        new Offset(),
        new OffsetRetry(),
        new Push(),
        new PushOutcome(),
        new PushRest(),
        new Collision(),
        new CollisionStop(),
        new Balance(),
        new Jenga(),
        new Build(),
        new Count(),
        new Order(),
        new Locate(),
        new Margin(),
        new Describe(),
        new SlideOutcome(),
        new Cause(),
        new Impulse(),
        new Sequence(),
        new SslRotation(),
        new SslJigsaw(),
        new SslPatchPosition(),
        new SslContrastive(),
        new RealTowers(),
    ];

    /// <summary>The task with this id.</summary>
    /// <param name="id">Name with version, for example <c>Stability-v1</c>; capitals do not matter.</param>
    /// <exception cref="PhysIntuitionException">There is none; the message lists what there is.</exception>
    public static ITask Find(string id) => FindOrNull(id) ?? throw new PhysIntuitionException(Fault.NotFound, "task",
        $"'task' is '{id}'; there is {string.Join(", ", Ids)}. Choose one of these."
        + KnownNames.Hint(id, Ids));

    private static IEnumerable<string> Ids => All.Select(task => task.Spec.Id);

    /// <summary>The task with this id; null: there is none.</summary>
    /// <param name="id">Name with version; capitals do not matter.</param>
    public static ITask? FindOrNull(string id)
    {
        foreach (var task in All)
        {
            if (string.Equals(task.Spec.Id, id, StringComparison.OrdinalIgnoreCase))
            {
                return task;
            }
        }

        return null;
    }
}
