namespace PhysIntuition.Environments.Players;

/// <summary>The geometric player behind unsure eyes: places and speeds are seen with an error of some per
/// cent.</summary>
/// <remarks>
/// A perfect law of physics on a noisy picture, as in Battaglia, Hamrick, Tenenbaum, Simulation as an engine of
/// physical scene understanding, PNAS 2013; here with a rule instead of a simulation.
/// </remarks>
public sealed class NoisyPlayer : IPlayer
{
    private const float Noise = 0.05f;   // standard deviation, over a block's width; of a speed, over the speed

    private readonly Episode _seen = new();

    /// <inheritdoc/>
    public string Name => "noisy";

    /// <inheritdoc/>
    public bool NeedsPicture => false;

    /// <inheritdoc/>
    public Answer Answer(ITask task, Episode episode, Picture? picture, RandomStream random)
    {
        _seen.CopyFrom(episode);
        var bodies = _seen.World.Bodies;
        for (var i = 0; i < bodies.Count; i++)
        {
            var body = bodies[i];
            var width = 2 * body.HalfExtents.X;
            body.Position += new Vector3(Normal(ref random), 0, Normal(ref random)) * (Noise * width);
            body.LinearVelocity *= 1 + (Noise * Normal(ref random));
            bodies[i] = body;
        }

        var scale = episode.State.Scale;
        var shift = new Vector3(Normal(ref random), 0, Normal(ref random)) * (Noise * scale);
        _seen.State = episode.State with { Target = episode.State.Target + shift };

        return task.Guess(_seen);
    }

    // Four uniform numbers added up are normal enough, and take no function whose bits depend on the machine.
    private static float Normal(ref RandomStream random)
    {
        const float perDeviation = 1.7320508f;   // the sum's variance is 4 / 12
        var sum = random.NextFloat() + random.NextFloat() + random.NextFloat() + random.NextFloat();

        return (sum - 2) * perDeviation;
    }
}
