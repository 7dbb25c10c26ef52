namespace PhysIntuition.Vlm.Safetensors;

/// <summary>Named tensors: one file, or all shards of a checkpoint.</summary>
public interface ITensorSource
{
    /// <summary>Every tensor's name.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>Whether a tensor of this name is there.</summary>
    bool Contains(string name);

    /// <summary>A view of one tensor; copies nothing.</summary>
    /// <exception cref="SafetensorsException">There is no such tensor.</exception>
    TensorView Get(string name);
}
