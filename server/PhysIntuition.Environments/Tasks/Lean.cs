using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Players;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Rendering;

namespace PhysIntuition.Environments.Tasks;

/// <summary>To which side of the lowest block is the highest one?</summary>
/// <remarks>
/// <para>Sees: a tower of blocks, from the front and a little above.</para>
/// <para>Acts: left or right; as a number 0 or 1.</para>
/// <para>Scores: 1 if right, else 0.</para>
/// <para>Ends: after one answer.</para>
/// <para>v1: first release.</para>
/// </remarks>
public sealed class Lean : ITask
{
    /// <inheritdoc/>
    public TaskSpec Spec { get; } = new()
    {
        Name = "Lean",
        Version = 1,
        Summary = "To which side of the lowest block is the highest one?",
        Answer = [AnswerAxis.Choice("side", "left", "right")],
        Reward = new(0, 1),
        Anchors = new(0.5, 1),
        OptionsType = typeof(StabilityOptions),
        Heuristic = "where the two blocks are",
    };

    /// <inheritdoc/>
    public string Question(Episode episode) => "Is the highest block to the left or to the right of the lowest one?";

    /// <inheritdoc/>
    public DraftStep Arrange(Draft draft)
    {
        var (episode, options) = (draft.Episode, draft.OptionsAs<StabilityOptions>());
        var plan = draft.Fixed(Purpose.Plan);
        var (isRight, count) = (plan.NextInt(0, 2), plan.NextInt(options.Blocks.Min, options.Blocks.Max + 1));
        var column = Towers.Rent(count);
        var geometry = draft.Fresh(Purpose.Geometry);
        Towers.DrawBlocks(column, options, ref geometry);
        if (!column.TryScaleTo(0.1) || Math.Abs(column.X[count - 1] - column.X[0]) < 0.2 * column.Widths[0])
        {
            return draft.Reject("no lean to be seen");
        }

        if (column.X[count - 1] > column.X[0] != (isRight == 1))
        {
            column.Mirror();
        }

        Towers.Add(column, episode, Stage.SetPhysics(draft));
        Stage.Paint(draft);
        Stage.SetView(draft, options.BlockWidth.Max * (0.9 + (0.3 * count)), count, options.BlockWidth.Max / 2);
        episode.Facts = new()
        {
            Choice = isRight, Expert = new Answer(isRight), Scale = (float)column.Widths[0], Margin = float.NaN,
        };

        return DraftStep.Accepted;
    }

    /// <inheritdoc/>
    public Answer Guess(Episode episode) =>
        new(episode.World.Bodies[^1].Position.X > episode.World.Bodies[0].Position.X ? 1 : 0);

    /// <inheritdoc/>
    public Answer? Read(Picture picture, Episode hint) =>
        SeenScene.Column(picture, hint) is { } seen ? Guess(seen) : null;

    /// <inheritdoc/>
    public Verdict Judge(Turn turn) => turn.Answer.IsLegal && turn.Answer[0] == turn.Episode.Facts.Choice
        ? new(1, IsOver: true, "Right.")
        : new(0, IsOver: true, turn.Answer.IsLegal ? "Wrong." : "Unreadable.");
}
