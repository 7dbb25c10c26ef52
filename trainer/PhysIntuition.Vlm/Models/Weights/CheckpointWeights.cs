using PhysIntuition.Vlm.Quantization;
using PhysIntuition.Vlm.Safetensors;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Weights of a checkpoint folder, under today's names or the older ones.</summary>
internal sealed class CheckpointWeights(ITensorSource tensors, WeightPlacement placement) : WeightSource(placement)
{
    private const int MaxFaultsShown = 8;

    private readonly Dictionary<string, string> _storedName = tensors.Names.ToDictionary(TensorNames.ToCurrent);
    private readonly HashSet<string> _taken = [];
    private readonly List<string> _faults = [];

    internal override Tensor Take(string name, long[] shape, Initial initial)
    {
        _taken.Add(name);
        if (!_storedName.TryGetValue(name, out var stored))
        {
            _faults.Add($"'{name}' [{string.Join(", ", shape)}] is missing");
            return empty([0]);
        }

        var view = tensors.Get(stored);
        if (!view.Shape.SequenceEqual(shape))
        {
            _faults.Add($"'{stored}' is {view.Info}; expected [{string.Join(", ", shape)}]");
            return empty([0]);
        }

        return TensorTransfer.Read(view, Placement.Type, Placement.Device);
    }

    internal override Nf4Weight? TakePacked(string name, long[] shape)
    {
        if (!_storedName.TryGetValue(name, out var stored) || StoredNf4.Find(tensors, stored) is not { } packed)
        {
            return null;
        }

        _taken.UnionWith(packed.Names.Select(TensorNames.ToCurrent));
        string[] faults = [.. packed.Faults(shape)];
        _faults.AddRange(faults);
        return faults.Length == 0 ? packed.Read(Placement.Device) : Nf4Weight.Quantise(zeros(shape), isDouble: false);
    }

    /// <summary>Throws if a tensor was missing or misshapen, or if the checkpoint holds one that nobody took.</summary>
    internal void Finish(VlmConfig config)
    {
        // Some files of tied models repeat the embedding as an output head; it says nothing new.
        var spare = config.TieWordEmbeddings ? "lm_head.weight" : null;
        foreach (var (name, stored) in _storedName.OrderBy(item => item.Key, StringComparer.Ordinal))
        {
            if (!_taken.Contains(name) && name != spare)
            {
                _faults.Add($"'{stored}' belongs to no part of the model");
            }
        }

        if (_faults.Count > 0)
        {
            var more = _faults.Count > MaxFaultsShown ? $"; and {_faults.Count - MaxFaultsShown} more" : "";
            throw new InvalidDataException(
                $"The checkpoint does not fit its config.json: "
                + $"{string.Join("; ", _faults.Take(MaxFaultsShown))}{more}.");
        }
    }
}
