namespace PhysIntuition.Environments.Players;

/// <summary>The players that come with the tasks.</summary>
public static class ScriptedPlayers
{
    /// <summary>Uniform over all legal answers.</summary>
    public static IPlayer Random { get; } = new Player("random", (task, _, _, random) => Each(task, axis =>
        axis.IsInteger
            ? axis.Min + random.NextInt(0, (int)(axis.Max - axis.Min) + 1)
            : axis.Min + ((axis.Max - axis.Min) * random.NextFloat())));

    /// <summary>Always the same: the last word of a choice, the middle of a range.</summary>
    public static IPlayer Constant { get; } = new Player("constant", (task, _, _, _) => Each(task, static axis =>
        axis.Choices is not null ? axis.Max : Math.Floor((axis.Min + axis.Max) / 2)));

    /// <summary>Sees the picture alone: finds blocks by classical image processing, then answers by geometry.</summary>
    /// <remarks>Each task reads its own picture; where it cannot, the answer is <see cref="Constant"/>'s.</remarks>
    public static IPlayer Vision { get; } = new Player("vision", (task, episode, picture, random) =>
        task.Read(picture!, episode) ?? Constant.Answer(task, episode, picture, random), needsPicture: true);

    /// <summary>Knows the exact scene, and answers by geometry and textbook laws without simulating.</summary>
    public static IPlayer Geometric { get; } = new Player("geometric", (task, episode, _, _) => task.Guess(episode));

    /// <summary>The best known answer.</summary>
    public static IPlayer Expert { get; } = new Player("expert", (task, episode, _, _) => task.Expert(episode));

    /// <summary>All, in the order of tables.</summary>
    public static IReadOnlyList<IPlayer> All { get; } = [Random, Constant, Vision, Geometric, Expert];

    private static Answer Each(ITask task, Func<AnswerAxis, double> number) =>
        Answer.Of([.. task.Spec.Answer.Select(number)]);

    private sealed class Player(
        string name, Func<ITask, Episode, Picture?, RandomStream, Answer> answer, bool needsPicture = false) : IPlayer
    {
        public string Name => name;

        public bool NeedsPicture => needsPicture;

        public Answer Answer(ITask task, Episode episode, Picture? picture, RandomStream random) =>
            answer(task, episode, picture, random);
    }
}
