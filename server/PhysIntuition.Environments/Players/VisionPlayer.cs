using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation.Random;

namespace PhysIntuition.Environments.Players;

/// <summary>Sees only the picture: finds the blocks by classical image processing, then answers by geometry.</summary>
/// <remarks>
/// Each task reads its own picture; where it cannot, the player answers as <see cref="ConstantPlayer"/>.
/// </remarks>
public sealed class VisionPlayer : IPlayer
{
    private static readonly ConstantPlayer s_constant = new();

    /// <inheritdoc/>
    public string Name => "vision";

    /// <inheritdoc/>
    public bool NeedsPicture => true;

    /// <inheritdoc/>
    public Answer Answer(ITask task, Episode episode, Picture? picture, RandomStream random) =>
        task.Read(picture!, episode) ?? s_constant.Answer(task, episode, picture, random);
}
