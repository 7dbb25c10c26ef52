using PhysIntuition.Vlm.Quantization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>A weight source seen from one place in the model's tree of names.</summary>
internal readonly struct WeightScope(WeightSource source, string prefix)
{
    internal WeightSource Source => source;

    /// <summary>The path of this place, without a trailing dot.</summary>
    internal string Path => prefix.TrimEnd('.');

    internal WeightScope Child(string name) => new(source, $"{prefix}{name}.");

    internal WeightScope Child(string name, int index) => new(source, $"{prefix}{name}.{index}.");

    internal Tensor Take(string name, long[] shape, Initial initial) =>
        source.Take(prefix + name, shape, initial).DetachFromDisposeScope();

    internal Nf4Weight? TakePacked(string name, long[] shape) => source.TakePacked(prefix + name, shape);

    internal Parameter TakeParameter(string name, long[] shape, Initial initial)
    {
        var parameter = new Parameter(Take(name, shape, initial), source.Placement.IsTrainable);
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
