using PhysIntuition.Environments.Observations;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Batches;

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
