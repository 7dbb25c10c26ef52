namespace PhysIntuition.Environments.Episodes;

/// <summary>What a person needs to point at a place in the picture; nothing that the picture does not show.</summary>
/// <param name="Camera">From where the picture is seen.</param>
/// <param name="Origin">Where an answer of zeros puts the centre of the block that is moved, m.</param>
/// <param name="HalfExtents">Of that block, m.</param>
/// <param name="Mass">Of that block, kg.</param>
/// <param name="Blocks">Where the answer names a block: centre and half extents of each, m; else empty.</param>
public sealed record Aim(
    Camera Camera, Vector3 Origin, Vector3 HalfExtents, float Mass,
    IReadOnlyList<(Vector3 Position, Vector3 HalfExtents)> Blocks)
{
    /// <summary>The aim of an episode; null where answers are words or pictures.</summary>
    internal static Aim? Of(ITask task, Episode episode)
    {
        var axes = task.Spec.Answer;
        if (task is IPictureTask || axes[0].Choices is not null
            || axes[0].Input is AnswerInput.Number or AnswerInput.List)
        {
            return null;
        }

        var subject = episode.World.Bodies[episode.State.Subject];
        var namesBlocks = axes[0].Input == AnswerInput.Arrow;
        return new Aim(
            episode.Camera, task.Origin(episode), subject.HalfExtents, subject.Mass,
            namesBlocks ? [.. episode.World.Bodies.Select(body => (body.Position, body.HalfExtents))] : []);
    }
}
