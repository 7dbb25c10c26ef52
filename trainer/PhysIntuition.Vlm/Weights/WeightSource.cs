namespace PhysIntuition.Vlm.Weights;

/// <summary>Gives a model its tensors while it is built, in the model's type and on its device.</summary>
internal abstract class WeightSource(WeightPlacement placement)
{
    internal WeightPlacement Placement { get; } = placement;

    /// <summary>The tensor of that full name and shape; the caller owns it.</summary>
    internal abstract Tensor Take(string name, long[] shape, Initial initial);

    /// <summary>The weight where the checkpoint itself holds it in four bits, else null; the caller owns it.</summary>
    internal virtual Nf4Weight? TakePacked(string name, long[] shape) => null;

    /// <summary>Whether the linear layer at that path is stored in four bits.</summary>
    internal bool IsQuantised(string path) => Placement.Nf4 is { } options && !options.Skips(path);

    internal WeightScope Root => new(this, "");
}

/// <summary>Where and how a model's weights are held.</summary>
public sealed record WeightPlacement
{
    /// <summary>Element type: float32 or bfloat16.</summary>
    public ScalarType Type { get; init; } = ScalarType.Float32;

    /// <summary>The device; the CPU unless given.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>Holds linear layers in four bits; null: does not.</summary>
    public Nf4Options? Nf4 { get; init; }

    /// <summary>Whether base weights learn. Adapters learn whatever this says.</summary>
    public bool IsTrainable { get; init; }
}

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

/// <summary>How a tensor starts when it is not read from a checkpoint: a constant plus normal noise.</summary>
/// <param name="Mean">The constant.</param>
/// <param name="Deviation">Standard deviation of the noise.</param>
internal readonly record struct Initial(double Mean, double Deviation)
{
    internal static Initial Zeros => new(0, 0);

    internal static Initial Ones => new(1, 0);

    internal static Initial Normal(double deviation) => new(0, deviation);

    /// <summary>Keeps the variance of a signal that passes through a linear layer.</summary>
    internal static Initial FanIn(long inputs, double scale = 1) => new(0, scale / Math.Sqrt(inputs));
}

/// <summary>Weights drawn from normal distributions; the same seed gives the same model.</summary>
internal sealed class RandomWeights(WeightPlacement placement, ulong seed) : WeightSource(placement)
{
    private readonly Generator _generator = new(seed, placement.Device);

    internal override Tensor Take(string name, long[] shape, Initial initial)
    {
        using var off = no_grad();
        var values = empty(shape, ScalarType.Float32, Placement.Device);
        if (initial.Deviation > 0)
        {
            values.normal_(initial.Mean, initial.Deviation, _generator);
        }
        else
        {
            using TorchSharp.Scalar mean = initial.Mean;
            values.fill_(mean);
        }

        return values.to(Placement.Type, disposeAfter: Placement.Type != ScalarType.Float32);
    }
}

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

/// <summary>Official Qwen2.5-VL files use older names: visual.* and model.layers.*; both are understood.</summary>
internal static class TensorNames
{
    internal static string ToCurrent(string stored) =>
        stored.StartsWith("visual.", StringComparison.Ordinal) ? "model." + stored
        : IsOlderText(stored) ? "model.language_model." + stored["model.".Length..]
        : stored;

    private static bool IsOlderText(string stored) =>
        stored.StartsWith("model.", StringComparison.Ordinal)
        && !stored.StartsWith("model.language_model.", StringComparison.Ordinal)
        && !stored.StartsWith("model.visual.", StringComparison.Ordinal);
}

/// <summary>Moves tensors between safetensors files and the library.</summary>
internal static class TensorTransfer
{
    private const long WindowBytes = 1L << 30;   // a span holds less than 2 GiB

    /// <summary>A stored tensor in the wanted type on the wanted device; the caller owns it.</summary>
    internal static Tensor Read(TensorView view, ScalarType type, Device device)
    {
        using var off = no_grad();
        var stored = empty(view.Shape.ToArray(), Type(view.Type));
        if (view.Count > 0)
        {
            Fill(stored.view(-1), view);
        }

        return stored.to(type, disposeAfter: stored.dtype != type)
            .to(device, disposeAfter: device.type != TorchSharp.DeviceType.CPU);
    }

    /// <summary>A tensor to be written under a name, in its own element type.</summary>
    internal static TensorEntry Entry(string name, Tensor tensor) =>
        new(name, Type(tensor.dtype), tensor.shape, stream =>
        {
            using var scope = NewDisposeScope();
            var flat = tensor.detach().cpu().contiguous().view(-1);
            foreach (var window in Windows(flat))
            {
                stream.Write(window.bytes);
            }
        });

    private static void Fill(Tensor flat, TensorView view)
    {
        using var scope = NewDisposeScope();
        long start = 0;
        foreach (var window in Windows(flat))
        {
            var bytes = window.bytes;
            CopyStored(view, start, bytes);
            start += window.numel();
        }
    }

    private static void CopyStored(TensorView view, long start, Span<byte> bytes)
    {
        switch (view.Type.Size())
        {
            case 1:
                view.Slice<byte>(start, bytes.Length).CopyTo(bytes);
                break;
            case 2:
                Copy<ushort>(view, start, bytes);
                break;
            case 4:
                Copy<uint>(view, start, bytes);
                break;
            default:
                Copy<ulong>(view, start, bytes);
                break;
        }
    }

    private static unsafe void Copy<T>(TensorView view, long start, Span<byte> bytes)
        where T : unmanaged
    {
        var target = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(bytes);
        view.Slice<T>(start, target.Length).CopyTo(target);
    }

    private static IEnumerable<Tensor> Windows(Tensor flat)
    {
        var total = flat.numel();
        var step = WindowBytes / flat.ElementSize;
        for (long start = 0; start < total; start += step)
        {
            yield return flat.narrow(0, start, Math.Min(step, total - start));
        }
    }

    private static ScalarType Type(DType type) => type switch
    {
        DType.F32 => ScalarType.Float32,
        DType.BF16 => ScalarType.BFloat16,
        DType.F16 => ScalarType.Float16,
        DType.F64 => ScalarType.Float64,
        DType.I64 => ScalarType.Int64,
        DType.I32 => ScalarType.Int32,
        DType.U8 => ScalarType.Byte,
        _ => throw new NotSupportedException($"Tensors of type {type} are not read."),
    };

    private static DType Type(ScalarType type) => type switch
    {
        ScalarType.Float32 => DType.F32,
        ScalarType.BFloat16 => DType.BF16,
        ScalarType.Float16 => DType.F16,
        ScalarType.Float64 => DType.F64,
        ScalarType.Int64 => DType.I64,
        ScalarType.Int32 => DType.I32,
        ScalarType.Byte => DType.U8,
        _ => throw new NotSupportedException($"Tensors of type {type} are not written."),
    };
}
