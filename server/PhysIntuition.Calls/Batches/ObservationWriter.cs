using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf.Collections;
using PhysIntuition.Environments.Observations;

namespace PhysIntuition.Server.Batches;

/// <summary>Writes the observations of one reply in the order in which they were asked for.</summary>
internal sealed class ObservationWriter(EnvironmentBatch batch, ServerMetrics metrics)
{
    private readonly PictureWriter _drawn = new(batch, metrics);
    private readonly Dictionary<ObservationKind, (ObservationColumn, Observation)> _pictures = [];
    private readonly List<(ObservationKind, Observation)> _texts = [];
    private readonly ArrayBufferWriter<byte> _text = new();

    /// <summary>Writes one row for each slot.</summary>
    public void Write(
        ObservationPlan plan, ReadOnlySpan<int> slots, ObservationTime time, ReplyBuffer page,
        RepeatedField<Observation> target)
    {
        _pictures.Clear();
        _texts.Clear();
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
                _texts.Add((column.Spec.Kind, observation));
            }
            else
            {
                observation.Tensor = ObservationWire.ToTensor(column, slots.Length);
                var bytes = page.Reserve(
                    observation.Tensor, slots.Length * column.BytesPerRow, column.Spec.Kind == ObservationKind.State,
                    out var holdsStates);
                ObservationReader.Read(batch, column.Spec.Kind, slots, time, plan.Outcome, bytes, holdsStates);
            }
        }

        if (_pictures.Count > 0 && slots.Length > 0)
        {
            _drawn.Write(plan, slots, time, _pictures, page);
        }

        // Behind all tensors, for which shared memory is there in the first place.
        foreach (var (kind, observation) in _texts)
        {
            observation.Texts = plan.PacksTexts
                ? Packed(plan, kind, slots, time, page) : Listed(kind, slots, time);
        }
    }

    private Texts Listed(ObservationKind kind, ReadOnlySpan<int> slots, ObservationTime time)
    {
        var texts = new Texts();
        texts.Values.Capacity = slots.Length;
        foreach (var slot in slots)
        {
            texts.Values.Add(ObservationReader.ReadText(batch, kind, slot, time));
        }

        return texts;
    }

    private Texts Packed(
        ObservationPlan plan, ObservationKind kind, ReadOnlySpan<int> slots, ObservationTime time, ReplyBuffer page)
    {
        _text.ResetWrittenCount();
        var ends = page.Reserve(slots.Length * sizeof(uint), out var shownEnds);
        for (var row = 0; row < slots.Length; row++)
        {
            ObservationReader.ReadText(batch, kind, slots[row], time, _text);
            BinaryPrimitives.WriteUInt32LittleEndian(ends[(row * sizeof(uint))..], (uint)_text.WrittenCount);
        }

        var texts = new Texts { Ends = shownEnds };
        var mayShare = plan.SharesTexts && _text.WrittenCount <= ObservationPlan.UsualText * slots.Length;
        _text.WrittenSpan.CopyTo(page.Reserve(texts, _text.WrittenCount, mayShare));
        return texts;
    }
}

/// <summary>Observations in the protocol's terms.</summary>
internal static class ObservationWire
{
    /// <summary>The type of an observation's elements.</summary>
    public static DataType TypeOf(ObservationSpec spec) => spec.Type switch
    {
        "uint8" => DataType.Uint8,
        "int32" => DataType.Int32,
        "uint64" => DataType.Uint64,
        "float32" => DataType.Float32,
        _ => DataType.Text,
    };

    /// <summary>What a client is told of an observation. Sizes that it chooses are shown as 0.</summary>
    public static ObservationInfo ToInfo(ObservationSpec spec)
    {
        const StringSplitOptions words = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        return new ObservationInfo
        {
            Name = spec.Name,
            Type = TypeOf(spec),
            Shape = { spec.Shape.Split(',', words).Select(axis => uint.TryParse(axis, out var size) ? size : 0) },
            Description = spec.Summary,
            IsPrivileged = spec.IsPrivileged,
            IsPicture = spec.IsPicture,
        };
    }

    /// <summary>An array of a reply, before its memory is reserved.</summary>
    public static Tensor ToTensor(ObservationColumn column, int rows)
    {
        var tensor = new Tensor { Type = TypeOf(column.Spec), Shape = { (uint)rows } };
        foreach (var axis in column.Shape)
        {
            tensor.Shape.Add((uint)axis);
        }

        return tensor;
    }
}
