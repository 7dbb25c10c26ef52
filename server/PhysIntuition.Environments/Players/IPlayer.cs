namespace PhysIntuition.Environments.Players;

/// <summary>A scripted player: a baseline that scores are compared with.</summary>
public interface IPlayer
{
    /// <summary>One word for tables.</summary>
    string Name { get; }

    /// <summary>Whether <see cref="Answer"/> needs the picture.</summary>
    bool NeedsPicture { get; }

    /// <summary>Answers one episode; an answer without numbers means that this player does not play the task.</summary>
    /// <param name="task">What is asked.</param>
    /// <param name="episode">The exact scene; players that see only the picture must not look.</param>
    /// <param name="picture">What an agent sees; null unless asked for.</param>
    /// <param name="random">A stream of this player's own for this episode and step.</param>
    Answer Answer(ITask task, Episode episode, Picture? picture, RandomStream random);
}
