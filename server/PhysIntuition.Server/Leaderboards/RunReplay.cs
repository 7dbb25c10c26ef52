using PhysIntuition.Environments.Batches;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>Brings scenes of a run to where its answers have led. Determinism makes stored state needless.</summary>
internal sealed class RunReplay(ISimulator simulator, IRenderer renderer)
{
    /// <summary>Most scenes in one call.</summary>
    public const int MaxScenes = 256;

    /// <summary>Scenes as they are before the first answer, outcomes included.</summary>
    /// <param name="run">What is played.</param>
    /// <param name="seeds">One for each scene; at most <see cref="MaxScenes"/>.</param>
    /// <param name="known">The same scenes from earlier calls, which need no simulation; null where there is
    /// none.</param>
    public EnvironmentBatch Begin(
        RunSpec run, IReadOnlyList<ulong> seeds, IReadOnlyList<SceneState?>? known = null)
    {
        var task = TaskCatalog.Find(run.Task);
        var suite = SuiteCatalog.All.FirstOrDefault(suite => suite.Name == run.Suite);
        var batch = new EnvironmentBatch(
            task,
            new BatchOptions
            {
                Slots = seeds.Count,
                Split = Split.Heldout,
                Autoreset = Environments.Batches.AutoresetMode.Disabled,
                Task = new SplitChoice(Split.Heldout, suite).Apply(OptionsReader.Read(task.Spec, run.Options)),
            },
            simulator,
            renderer);
        bool[] isNew = [.. Enumerable.Range(0, seeds.Count).Select(slot => known?[slot] is null)];
        if (isNew.Contains(true))
        {
            batch.Reset(isNew, [.. seeds]);
        }

        for (var slot = 0; slot < seeds.Count; slot++)
        {
            if (known?[slot] is { } state)
            {
                batch.Fork(slot, state.Batch, state.Slot);
            }
        }

        return batch;
    }

    /// <summary>Replays the answers of some scenes.</summary>
    /// <param name="run">What is played.</param>
    /// <param name="seeds">One for each scene; at most <see cref="MaxScenes"/>.</param>
    /// <param name="answers">For each scene its answers by step.</param>
    /// <param name="isFinal">Let unanswered steps count as unreadable answers, until every episode has ended.</param>
    /// <param name="known">As in <see cref="Begin"/>.</param>
    public Replayed Play(
        RunSpec run, IReadOnlyList<ulong> seeds, IReadOnlyList<IReadOnlyList<string>> answers, bool isFinal,
        IReadOnlyList<SceneState?>? known = null)
    {
        var batch = Begin(run, seeds, known);
        var played = new Replayed(batch, new double[seeds.Count], new ulong[seeds.Count], new bool[seeds.Count]);
        var steps = batch.Task.Spec.MaxSteps;
        // The last answer ends an episode whatever comes of it: who only looks needs no simulation of it.
        for (var step = 0; step < (isFinal ? steps : steps - 1); step++)
        {
            StepOnce(played, answers, step, isFinal);
        }

        for (var slot = 0; slot < seeds.Count; slot++)
        {
            played.HasEnded[slot] = batch.IsDone(slot) || answers[slot].Count >= steps;
        }

        return played;
    }

    private static void StepOnce(
        Replayed played, IReadOnlyList<IReadOnlyList<string>> answers, int step, bool isFinal)
    {
        var batch = played.Batch;
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
            if (mask[slot])
            {
                played.Rewards[slot] += batch.TrueReward(slot);
                played.OutcomeHashes[slot] = batch.TrueOutcomeHash(slot);
            }
        }
    }
}

/// <summary>A scene before the first answer: a slot that nobody changes any more.</summary>
internal sealed record SceneState(EnvironmentBatch Batch, int Slot);

/// <summary>Scenes after a replay.</summary>
/// <param name="Batch">Slot i is scene i of the call; its labels stay withheld.</param>
/// <param name="Rewards">Sum of each episode's rewards.</param>
/// <param name="OutcomeHashes">Of the simulation that decided the last step of each.</param>
/// <param name="HasEnded">Whether an episode takes no more answers.</param>
internal sealed record Replayed(EnvironmentBatch Batch, double[] Rewards, ulong[] OutcomeHashes, bool[] HasEnded);
