using PhysIntuition.Vlm.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>One number per token from the decoder's states: what the rest of the answer will earn.</summary>
/// <remarks>Begins at 0 everywhere, so the first advantages are the rewards themselves.</remarks>
public sealed class ValueHead : IDisposable
{
    private const string FileName = "value_head.safetensors";

    private readonly Parameter _weight;
    private readonly Parameter _bias;

    internal ValueHead(int hidden, Device device)
    {
        _weight = nn.Parameter(zeros([1, hidden], ScalarType.Float32, device));
        _bias = nn.Parameter(zeros([1], ScalarType.Float32, device));
    }

    /// <summary>What learns.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Parameters =>
        [("value_head.weight", _weight), ("value_head.bias", _bias)];

    /// <summary>Values [tokens] of states [tokens, hidden].</summary>
    public Tensor Of(Tensor states) =>
        nn.functional.linear(states.to(ScalarType.Float32), _weight, _bias).squeeze(1);

    /// <summary>Releases the weights.</summary>
    public void Dispose()
    {
        _weight.Dispose();
        _bias.Dispose();
    }

    internal void Save(string folder) => SafetensorsWriter.Write(Path.Combine(folder, FileName), Parameters.Select(
        item => TensorEntry.Of<float>(item.Name, DType.F32, item.Parameter.shape,
            item.Parameter.detach().cpu().data<float>().ToArray())));

    /// <summary>What <see cref="Save"/> wrote; null where the folder is of a recipe without a value head.</summary>
    internal static SafetensorsFile? Open(string folder)
    {
        var path = Path.Combine(folder, FileName);
        return File.Exists(path) ? new SafetensorsFile(path) : null;
    }
}
