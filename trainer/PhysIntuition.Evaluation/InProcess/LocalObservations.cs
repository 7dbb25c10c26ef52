using PhysIntuition.Client;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Rendering;
using PhysIntuition.V1;
using Observation = PhysIntuition.Client.Observation;

namespace PhysIntuition.Evaluation.InProcess;

/// <summary>What a batch shows, in the client's form.</summary>
internal static class LocalObservations
{
    private const int DefaultSide = 224;   // pixels, as on the wire

    /// <summary>The observations of some slots; none where nothing is asked for.</summary>
    public static Observations Of(EnvironmentBatch batch, Observe? wanted, int[] slots)
    {
        var seen = new Observations();
        if (wanted is null)
        {
            return seen;
        }

        var layout = new ObservationLayout(
            [.. wanted.Names.Select(name => Find(batch, name))], wanted.Width == 0 ? DefaultSide : wanted.Width,
            wanted.Height == 0 ? DefaultSide : wanted.Height, wanted.Samples);
        foreach (var column in layout.Columns)
        {
            seen.Add(Read(batch, column, layout.Format, slots));
        }

        return seen;
    }

    private static ObservationSpec Find(EnvironmentBatch batch, string name) =>
        ObservationSpec.Find(batch.Task.Spec, name) is { Channel: Channels.None or Channels.Rgb } spec
            ? spec
            : throw new NotSupportedException(
                $"'{name}' cannot be observed in this process; choose rgb or another that is not a picture, or "
                + "connect to a server.");

    private static Observation Read(EnvironmentBatch batch, ObservationColumn column, FrameFormat format, int[] slots)
    {
        var spec = column.Spec;
        if (spec.Kind == ObservationKind.Messages)
        {
            return new(spec.Name) { Texts = ChatMessages.Read(batch, slots, format) };
        }

        if (spec.IsText)
        {
            return new(spec.Name)
            {
                Texts = [.. slots.Select(slot =>
                    ObservationReader.ReadText(batch, spec.Kind, slot, ObservationTime.Now))],
            };
        }

        var bytes = new byte[slots.Length * column.BytesPerRow];
        if (spec.IsPicture)
        {
            batch.View.Render(slots, format, new FrameBuffers { Rgb = bytes });
        }
        else
        {
            ObservationReader.Read(batch, spec.Kind, slots, ObservationTime.Now, outcome: null, bytes);
        }

        return new(spec.Name) { Type = TypeOf(spec), Shape = [slots.Length, .. column.Shape], Bytes = bytes };
    }

    private static DataType TypeOf(ObservationSpec spec) => spec.Type switch
    {
        "uint8" => DataType.Uint8,
        "int32" => DataType.Int32,
        "uint64" => DataType.Uint64,
        _ => DataType.Float32,
    };
}
