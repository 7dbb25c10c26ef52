using System.Text.Json;
using Google.Protobuf.Collections;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Batches;

/// <summary>Writes the observations of one reply in the order in which they were asked for.</summary>
internal sealed class ObservationWriter(EnvironmentBatch batch, ServerMetrics metrics)
{
    private readonly Dictionary<ObservationKind, Observation> _pictures = [];

    /// <summary>Writes one row for each slot.</summary>
    public void Write(
        ObservationPlan plan, ReadOnlySpan<int> slots, Moment moment, Page page, RepeatedField<Observation> target)
    {
        _pictures.Clear();
        foreach (var (name, kind) in plan.Columns)
        {
            var observation = new Observation { Name = name };
            target.Add(observation);
            if (ObservationKinds.IsPicture(kind))
            {
                _pictures.Add(kind, observation);
            }
            else
            {
                Write(kind, slots, moment, page, observation);
            }
        }

        if (_pictures.Count > 0 && slots.Length > 0)
        {
            PictureWriter.Write(batch, plan, slots, moment, _pictures, page, metrics);
        }
    }

    private void Write(
        ObservationKind kind, ReadOnlySpan<int> slots, Moment moment, Page page, Observation observation)
    {
        var results = batch.Results;
        var isFinal = moment == Moment.Final;
        switch (kind)
        {
            case ObservationKind.Prompt:
                WriteTexts(observation, slots, slot => batch.Prompt(slot, moment));
                break;
            case ObservationKind.Expert:
                WriteTexts(observation, slots, slot => batch.Expert(slot, moment));
                break;
            case ObservationKind.Info:
                WriteTexts(observation, slots, Info);
                break;
            case ObservationKind.State:
                WriteState(observation, slots, moment, page);
                break;
            case ObservationKind.Seed:
                WriteNumbers(observation, DataType.Uint64, slots, isFinal ? results.FinalSeeds : results.Seeds, page);
                break;
            case ObservationKind.Steps:
                WriteNumbers(observation, DataType.Int32, slots, isFinal ? results.FinalSteps : results.Steps, page);
                break;
            case ObservationKind.SceneHash:
                WriteNumbers(observation, DataType.Uint64, slots,
                    isFinal ? results.FinalSceneHashes : results.SceneHashes, page);
                break;
            case ObservationKind.OutcomeHash:
                WriteNumbers(observation, DataType.Uint64, slots, results.OutcomeHashes, page);
                break;
        }
    }

    private static void WriteTexts(Observation observation, ReadOnlySpan<int> slots, Func<int, string> read)
    {
        observation.Texts = new Texts();
        foreach (var slot in slots)
        {
            observation.Texts.Values.Add(read(slot));
        }
    }

    private static void WriteNumbers<T>(
        Observation observation, DataType type, ReadOnlySpan<int> slots, T[] source, Page page)
        where T : unmanaged
    {
        observation.Tensor = new Tensor { Type = type, Shape = { (uint)slots.Length } };
        var target = page.Reserve<T>(observation.Tensor, slots.Length);
        for (var row = 0; row < slots.Length; row++)
        {
            target[row] = source[slots[row]];
        }
    }

    private void WriteState(Observation observation, ReadOnlySpan<int> slots, Moment moment, Page page)
    {
        observation.Tensor = new Tensor
        {
            Type = DataType.Float32,
            Shape = { (uint)slots.Length, StateLayout.Rows, StateLayout.Columns },
        };
        var target = page.Reserve<float>(observation.Tensor, slots.Length * StateLayout.Length);
        for (var row = 0; row < slots.Length; row++)
        {
            batch.State(slots[row], target.Slice(row * StateLayout.Length, StateLayout.Length), moment);
        }
    }

    private string Info(int slot)
    {
        var results = batch.Results;
        var (distance, margin) = (results.Distances[slot], results.Margins[slot]);
        return JsonSerializer.Serialize(
            new SlotInfo(
                results.ParseErrors[slot], results.Verdicts[slot], double.IsFinite(distance) ? distance : null,
                float.IsFinite(margin) ? margin : null),
            SlotInfo.Json.SlotInfo);
    }
}
