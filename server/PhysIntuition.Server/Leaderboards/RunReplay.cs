using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>Brings scenes of a run to where its answers have led. Determinism makes stored state needless.</summary>
internal sealed class RunReplay(ISimulator simulator, IRenderer renderer)
{
    /// <summary>Most scenes in one call.</summary>
    public const int MaxScenes = 256;

    /// <summary>Replays the answers of some scenes.</summary>
    /// <param name="run">What is played.</param>
    /// <param name="seeds">One for each scene; at most <see cref="MaxScenes"/>.</param>
    /// <param name="answers">For each scene its answers by step.</param>
    /// <param name="isFinal">Let unanswered steps count as unreadable answers, until every episode has ended.</param>
    public Replayed Play(
        RunRequest run, IReadOnlyList<ulong> seeds, IReadOnlyList<IReadOnlyList<string>> answers, bool isFinal)
    {
        var task = TaskCatalog.Find(run.Task);
        var batch = new EnvironmentBatch(
            task,
            new BatchOptions
            {
                Slots = seeds.Count,
                Split = Split.Heldout,
                Autoreset = AutoresetMode.Disabled,
                Task = OptionsReader.Read(task.Spec, run.Options),
            },
            simulator,
            renderer);
        batch.Reset(default, [.. seeds]);
        var rewards = new double[seeds.Count];
        for (var step = 0; step < task.Spec.MaxSteps; step++)
        {
            StepOnce(batch, answers, step, isFinal, rewards);
        }

        return new Replayed(batch, rewards);
    }

    private static void StepOnce(
        EnvironmentBatch batch, IReadOnlyList<IReadOnlyList<string>> answers, int step, bool isFinal, double[] rewards)
    {
        var mask = new bool[batch.Slots];
        var actions = new SlotAction[batch.Slots];
        for (var slot = 0; slot < mask.Length; slot++)
        {
            var isAnswered = step < answers[slot].Count;
            mask[slot] = !batch.IsDone(slot) && (isAnswered || isFinal);
            actions[slot] = SlotAction.OfText(isAnswered ? answers[slot][step] : "");
        }

        if (!mask.Contains(true))
        {
            return;
        }

        batch.Step(actions, mask);
        for (var slot = 0; slot < mask.Length; slot++)
        {
            rewards[slot] += mask[slot] ? batch.TrueReward(slot) : 0;
        }
    }
}

/// <summary>Scenes after a replay.</summary>
/// <param name="Batch">Slot i is scene i of the call; its labels stay withheld.</param>
/// <param name="Rewards">Sum of each episode's rewards.</param>
internal sealed record Replayed(EnvironmentBatch Batch, double[] Rewards);
