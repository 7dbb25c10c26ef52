using Google.Protobuf.Collections;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Batches;

/// <summary>Writes the observations of one reply in the order in which they were asked for.</summary>
internal sealed class ObservationWriter(EnvironmentBatch batch, ServerMetrics metrics)
{
    private readonly PictureWriter _drawn = new(batch, metrics);
    private readonly Dictionary<ObservationKind, (ObservationColumn, Observation)> _pictures = [];

    /// <summary>Writes one row for each slot.</summary>
    public void Write(
        ObservationPlan plan, ReadOnlySpan<int> slots, ObservationTime time, ReplyBuffer page,
        RepeatedField<Observation> target)
    {
        _pictures.Clear();
        foreach (var column in plan.Layout.Columns)
        {
            var observation = new Observation { Name = column.Spec.Name };
            target.Add(observation);
            if (column.Spec.IsPicture)
            {
                _pictures.Add(column.Spec.Kind, (column, observation));
            }
            else if (column.Spec.Kind == ObservationKind.Messages)
            {
                observation.Texts = new Texts
                {
                    Values = { ChatMessages.Read(
                        batch, slots, plan.Layout.Format, time, plan.Outcome, plan.History) },
                };
            }
            else if (column.Spec.IsText)
            {
                WriteTexts(column.Spec.Kind, slots, time, observation);
            }
            else
            {
                observation.Tensor = ObservationWire.ToTensor(column, slots.Length);
                var bytes = page.Reserve(observation.Tensor, slots.Length * column.BytesPerRow);
                ObservationReader.Read(batch, column.Spec.Kind, slots, time, plan.Outcome, bytes);
            }
        }

        if (_pictures.Count > 0 && slots.Length > 0)
        {
            _drawn.Write(plan, slots, time, _pictures, page);
        }
    }

    private void WriteTexts(
        ObservationKind kind, ReadOnlySpan<int> slots, ObservationTime time, Observation observation)
    {
        observation.Texts = new Texts();
        observation.Texts.Values.Capacity = slots.Length;
        foreach (var slot in slots)
        {
            observation.Texts.Values.Add(ObservationReader.ReadText(batch, kind, slot, time));
        }
    }
}
