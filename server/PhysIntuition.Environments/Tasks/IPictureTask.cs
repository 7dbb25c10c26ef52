namespace PhysIntuition.Environments.Tasks;

/// <summary>A task whose picture is composed of other pictures instead of drawn from one scene.</summary>
public interface IPictureTask : ITask
{
    /// <summary>Composes the picture of an episode.</summary>
    /// <param name="episode">Whose picture.</param>
    /// <param name="world">Where the bodies are: the episode's own, or the one after the answer.</param>
    /// <param name="format">Its size; only RGB is offered.</param>
    /// <param name="renderer">Draws the scenes inside.</param>
    /// <param name="rgb">uint8[height, width, 3].</param>
    void Compose(Episode episode, World world, in FrameFormat format, IRenderer renderer, Span<byte> rgb);

    /// <summary>Where the picture says all, there is no exact scene to guess from.</summary>
    Answer ITask.Guess(Episode episode) => default;
}
