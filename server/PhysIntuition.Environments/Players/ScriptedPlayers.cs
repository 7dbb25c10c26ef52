using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Players;

/// <summary>The players that come with the tasks.</summary>
public static class ScriptedPlayers
{
    /// <summary>All, in the order of tables.</summary>
    public static IReadOnlyList<IPlayer> All { get; } =
        [new RandomPlayer(), new ConstantPlayer(), new VisionPlayer(), new GeometricPlayer(), new ExpertPlayer()];
}

/// <summary>Uniform over all legal answers.</summary>
public sealed class RandomPlayer : IPlayer
{
    /// <inheritdoc/>
    public string Name => "random";

    /// <inheritdoc/>
    public bool NeedsPicture => false;

    /// <inheritdoc/>
    public Answer Answer(ITask task, Episode episode, Picture? picture, RandomStream random)
    {
        Span<double> numbers = stackalloc double[Answers.Answer.MaxNumbers];
        var axes = task.Spec.Answer;
        for (var i = 0; i < axes.Count; i++)
        {
            numbers[i] = axes[i].IsInteger
                ? axes[i].Min + random.NextInt(0, (int)(axes[i].Max - axes[i].Min) + 1)
                : axes[i].Min + ((axes[i].Max - axes[i].Min) * random.NextFloat());
        }

        return Answers.Answer.Of(numbers[..axes.Count]);
    }
}

/// <summary>Always the same: the last word of a choice, the middle of a range.</summary>
public sealed class ConstantPlayer : IPlayer
{
    /// <inheritdoc/>
    public string Name => "constant";

    /// <inheritdoc/>
    public bool NeedsPicture => false;

    /// <inheritdoc/>
    public Answer Answer(ITask task, Episode episode, Picture? picture, RandomStream random)
    {
        Span<double> numbers = stackalloc double[Answers.Answer.MaxNumbers];
        var axes = task.Spec.Answer;
        for (var i = 0; i < axes.Count; i++)
        {
            numbers[i] = axes[i].Choices is not null ? axes[i].Max : Math.Floor((axes[i].Min + axes[i].Max) / 2);
        }

        return Answers.Answer.Of(numbers[..axes.Count]);
    }
}

/// <summary>Knows the exact scene, and answers by geometry and textbook laws without simulating.</summary>
public sealed class GeometricPlayer : IPlayer
{
    /// <inheritdoc/>
    public string Name => "geometric";

    /// <inheritdoc/>
    public bool NeedsPicture => false;

    /// <inheritdoc/>
    public Answer Answer(ITask task, Episode episode, Picture? picture, RandomStream random) => task.Guess(episode);
}

/// <summary>The best known answer.</summary>
public sealed class ExpertPlayer : IPlayer
{
    /// <inheritdoc/>
    public string Name => "expert";

    /// <inheritdoc/>
    public bool NeedsPicture => false;

    /// <inheritdoc/>
    public Answer Answer(ITask task, Episode episode, Picture? picture, RandomStream random) => task.Expert(episode);
}
