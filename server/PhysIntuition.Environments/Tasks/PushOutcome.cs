using System.Numerics;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation.Bodies;
using PhysIntuition.Simulation.Random;

namespace PhysIntuition.Environments.Tasks;

/// <summary>Will any block fall when this one is pushed?</summary>
/// <remarks>
/// <para>Sees: a tower that stands, and an arrow on one block; its length is the speed that the push would give to a
/// free block, half a block's width for each m/s.</para>
/// <para>Acts: yes or no; as a number 1 or 0.</para>
/// <para>Scores: 1 if right, 0 if wrong, -1 if the answer cannot be read; <c>reward=signed</c> pays -1 for wrong.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: class, number of blocks, pushed block, direction and speed are drawn first, so none of them tells
/// the class; towers are simulated until one stands unpushed and has the class pushed, also after nudges of 1 mm.</para>
/// <para>v1: first release.</para>
/// </remarks>
public sealed class PushOutcome : ITask
{
    private const int Nudges = 2;

    /// <inheritdoc/>
    public TaskSpec Spec { get; } = new()
    {
        Name = "PushOutcome",
        Version = 1,
        Summary = "Will any block fall when the marked one is pushed?",
        Answer = AnswerAxis.YesNo,
        Reward = new(-1, 1),
        Anchors = new(0.5, 1),
        OptionsType = typeof(PushOutcomeOptions),
        Heuristic = "sliding distance against the margin",
    };

    /// <inheritdoc/>
    public string Question(Episode episode) =>
        "The picture shows a tower of blocks that are stacked and not glued. The arrow is a sudden push on one block. A free "
        + "block would leave with a speed of 1 m/s for each half block's width of the arrow's length. Will any block fall?";

    /// <inheritdoc/>
    public DraftStep Arrange(Draft draft)
    {
        var options = draft.OptionsAs<PushOutcomeOptions>();
        var plan = draft.Fixed(Purpose.Plan);
        var isFalling = (plan.NextBits() & 1) != 0;
        var count = plan.NextInt(options.Blocks.Min, options.Blocks.Max + 1);
        var pushed = plan.NextInt(count / 2, count);
        var speed = Stage.Draw(options.Speed, ref plan) * (plan.NextInt(0, 2) == 0 ? -1 : 1);

        var geometry = draft.Fresh(Purpose.Geometry);
        var column = Towers.Rent(count);
        Towers.DrawBlocks(column, options, ref geometry);
        if (!column.TryScaleTo(Towers.DrawMargin(options.Difficulty, ref geometry)))
        {
            return draft.Reject("neighbours hardly touch");
        }

        Towers.Add(column, draft.Episode, Stage.SetPhysics(draft));
        Show(draft, options, count, pushed, speed);
        draft.Episode.Facts = new()
        {
            IsYes = isFalling, Expert = Answer.OfYes(isFalling), Subject = pushed, Scale = (float)column.Widths[pushed],
            Margin = (float)column.Margin(out _, out _),
        };
        Ask(draft, pushed, speed);

        return DraftStep.Simulate;
    }

    /// <inheritdoc/>
    public DraftStep Review(Draft draft) => draft.Round == 1 && Settling.HasAnyFallen(draft.Trials[0].Outcome)
        ? draft.Reject("it falls unpushed")
        : Robustness.Review(draft, Nudges, judged: 1);

    /// <inheritdoc/>
    public void Act(Turn turn)
    {
    }

    /// <inheritdoc/>
    public Verdict Judge(Turn turn) => YesNo.Judge(turn, ((PushOutcomeOptions)turn.Episode.Options).Reward,
        yes: "a block falls", no: "all blocks stay up");

    /// <inheritdoc/>
    public void Consequence(Turn turn)
    {
        var (episode, arrow) = (turn.Episode, turn.Episode.Overlays[0]);
        var speed = (arrow.To.X - arrow.From.X) / (episode.Facts.Scale * Arrows.WidthsPerSpeed);
        Push(turn.Trials.Settle(episode.World, Settling.ToRest).World, episode.Facts.Subject, speed);
    }

    private static void Ask(Draft draft, int pushed, float speed)
    {
        var settle = Settling.ToFirstFall(Towers.LowestHeight(draft.Episode.World));
        draft.Judged.CopyFrom(draft.Episode.World);
        Push(draft.Judged, pushed, speed);
        draft.Trials.Settle(draft.Episode.World, settle);
        draft.Trials.Settle(draft.Judged, settle);
    }

    private static void Show(Draft draft, PushOutcomeOptions options, int count, int pushed, float speed)
    {
        Stage.Paint(draft);
        var body = draft.Episode.World.Bodies[pushed];
        draft.Episode.Overlays.Add(Arrows.Of(body, new(speed, 0f, 0f)));
        double width = options.BlockWidth.Max, height = count * width * options.BlockHeight.Max;
        var reach = (0.9 + (0.3 * count) + (Arrows.WidthsPerSpeed * options.Speed.Max)) * width;
        Stage.SetView(draft, reach, height, depth: width / 2);
    }

    private static void Push(World world, int index, float speed)
    {
        var impulse = new Vector3(speed * world.Bodies[index].Mass, 0f, 0f);
        world.Pushes.Add(new Simulation.Bodies.Push(index, impulse, Vector3.Zero, world.Time, Duration: 0f));
    }
}
