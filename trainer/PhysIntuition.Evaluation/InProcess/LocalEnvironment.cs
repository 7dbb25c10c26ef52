using System.Buffers;
using PhysIntuition.Client;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Players;
using PhysIntuition.Evaluation.Models;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation.Random;
using PhysIntuition.V1;

namespace PhysIntuition.Evaluation.InProcess;

/// <summary>A batch of episodes in this process.</summary>
internal sealed class LocalEnvironment(
    LocalClient client, EnvironmentBatch batch, TaskInfo task, Observe? observe) : IEnvironment
{
    public TaskInfo Task => task;

    public int Slots => batch.Slots;

    public string Options => Environments.Options.OptionsReader.Write(batch.Options.Task!);

    public ValueTask<ResetResult> ResetAsync(
        ResetSettings? settings = null, CancellationToken cancellation = default)
    {
        lock (client.Gate)
        {
            var mask = MaskOf(settings?.Mask);
            batch.Reset(mask, SeedsOf(settings), OptionsOf(settings));
            return new(new ResetResult(LocalObservations.Of(batch, settings?.Observe ?? observe, RowsOf(mask))));
        }
    }

    public ValueTask<StepResult> StepAsync(
        ReadOnlyMemory<float> actions, StepSettings? settings = null, CancellationToken cancellation = default)
    {
        var size = actions.Length / Math.Max(1, RowsOf(MaskOf(settings?.Mask)).Length);
        var numbers = actions.ToArray().Chunk(size).Select(row => Array.ConvertAll(row, number => (double)number));
        return Step([.. numbers.Select(row => SlotAction.OfNumbers(row))], settings);
    }

    public ValueTask<StepResult> StepAsync(
        IReadOnlyList<string> answers, StepSettings? settings = null, CancellationToken cancellation = default) =>
        Step([.. answers.Select(SlotAction.OfText)], settings);

    public ValueTask<Observations> RenderAsync(
        Observe? wanted = null, IReadOnlyList<int>? slots = null, CancellationToken cancellation = default)
    {
        lock (client.Gate)
        {
            return new(LocalObservations.Of(batch, wanted ?? new Observe("rgb"), [.. slots ?? AllSlots]));
        }
    }

    public ValueTask<ReadOnlyMemory<byte>> SnapshotAsync(
        IReadOnlyList<int>? slots = null, CancellationToken cancellation = default)
    {
        lock (client.Gate)
        {
            var bytes = new ArrayBufferWriter<byte>();
            foreach (var slot in slots ?? AllSlots)
            {
                var state = new ArrayBufferWriter<byte>();
                batch.Capture(slot, state);
                bytes.Write(BitConverter.GetBytes(state.WrittenCount));
                bytes.Write(state.WrittenSpan);
            }

            return new(bytes.WrittenMemory);
        }
    }

    public ValueTask<ResetResult> RestoreAsync(
        ReadOnlyMemory<byte> snapshot, IReadOnlyList<int>? sources = null, IReadOnlyList<bool>? mask = null,
        CancellationToken cancellation = default)
    {
        lock (client.Gate)
        {
            var states = Split(snapshot);
            var rows = RowsOf(MaskOf(mask));
            for (var row = 0; row < rows.Length; row++)
            {
                batch.Restore(rows[row], states[sources?[row] ?? row].Span);
            }

            return new(new ResetResult(LocalObservations.Of(batch, observe, rows)));
        }
    }

    public ValueTask<IEnvironment> ForkAsync(
        IReadOnlyList<int>? slots = null, CancellationToken cancellation = default)
    {
        lock (client.Gate)
        {
            int[] origins = [.. slots ?? AllSlots];
            var copy = client.Open(batch.Task, batch.Options with { Slots = origins.Length });
            for (var slot = 0; slot < origins.Length; slot++)
            {
                copy.Fork(slot, batch, origins[slot]);
            }

            return new(new LocalEnvironment(client, copy, task, observe));
        }
    }

    /// <summary>What a scripted player answers, as text.</summary>
    /// <exception cref="NotSupportedException">The player has no rule for the task.</exception>
    internal string Play(IPlayer player, QuestionPlace place, int pictureSize)
    {
        lock (client.Gate)
        {
            Picture? picture = null;
            if (player.NeedsPicture)
            {
                picture = new Picture(pictureSize, pictureSize);
                batch.View.Render([place.Slot], new FrameFormat(pictureSize, pictureSize),
                    new FrameBuffers { Rgb = picture.Rgb });
            }

            var random = new RandomStream(place.Seed, (ulong)place.Turn);
            var answer = player.Answer(batch.Task, batch.EpisodeFor(place.Slot), picture, random);
            return answer.IsLegal ? AnswerText.Write(answer, batch.Task.Spec.Answer) : throw new NotSupportedException(
                $"The player '{player.Name}' does not play {place.Task}.");
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private int[] AllSlots => [.. Enumerable.Range(0, Slots)];

    private ValueTask<StepResult> Step(SlotAction[] given, StepSettings? settings)
    {
        lock (client.Gate)
        {
            var mask = MaskOf(settings?.Mask);
            var rows = RowsOf(mask);
            var actions = given;
            if (rows.Length < Slots)
            {
                actions = new SlotAction[Slots];
                for (var row = 0; row < rows.Length; row++)
                {
                    actions[rows[row]] = given[row];
                }
            }

            batch.Step(actions, mask);
            var results = batch.Results;
            return new(new StepResult(
                Bytes(rows.Select(row => BitConverter.GetBytes((float)results.Rewards[row]))),
                Bytes(rows.Select(row => BitConverter.GetBytes(results.Terminated[row]))),
                Bytes(rows.Select(row => BitConverter.GetBytes(results.Truncated[row]))),
                new byte[rows.Length])
            {
                Observations = LocalObservations.Of(batch, settings?.Observe ?? observe, rows),
            });
        }
    }

    private static byte[] Bytes(IEnumerable<byte[]> values) => [.. values.SelectMany(value => value)];

    private static bool[] MaskOf(IReadOnlyList<bool>? mask) => mask is null ? [] : [.. mask];

    private int[] RowsOf(bool[] mask) =>
        mask.Length == 0 ? AllSlots : [.. AllSlots.Where(slot => mask[slot])];

    private ulong[] SeedsOf(ResetSettings? settings)
    {
        if (settings?.Seed is { } first)
        {
            return [.. AllSlots.Select(slot => first + (ulong)slot)];
        }

        return settings is null || settings.Seeds.Count == 0 ? [] : [.. settings.Seeds];
    }

    private Environments.Options.TaskOptions?[]? OptionsOf(ResetSettings? settings)
    {
        if (settings is null || settings.Options.Count == 0)
        {
            return null;
        }

        var read = settings.Options
            .Select(json => Environments.Options.OptionsReader.Read(batch.Task.Spec, json)).ToArray();
        return read.Length == 1 ? [.. AllSlots.Select(_ => read[0])] : read;
    }

    private static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> snapshot)
    {
        var states = new List<ReadOnlyMemory<byte>>();
        for (var at = 0; at < snapshot.Length;)
        {
            var length = BitConverter.ToInt32(snapshot.Span[at..]);
            states.Add(snapshot.Slice(at + sizeof(int), length));
            at += sizeof(int) + length;
        }

        return states;
    }
}
