namespace PhysIntuition.Vlm.Models;

/// <summary>All adapters of a model: attached, learned, switched, merged, and stored as PEFT stores them.</summary>
public sealed class LoraAdapters : IDisposable
{
    private const string WeightsName = "adapter_model.safetensors";
    private const string ConfigName = "adapter_config.json";
    private const string Prefix = "base_model.model.";

    private static readonly Dictionary<string, string> s_metadata = new() { ["format"] = "pt" };

    private readonly VisionLanguageModel _model;
    private readonly LinearLayer[] _layers;
    private readonly LoraAdapter[] _adapters;   // one for each layer, whether it is on the layer or not

    private LoraAdapters(VisionLanguageModel model, LoraConfig config, ulong seed, LinearLayer[] layers)
    {
        _model = model;
        Config = config;
        _layers = layers;
        CheckFree();
        _adapters = [.. _layers.Select((layer, i) => new LoraAdapter(
            layer, config, seed + ((ulong)i * 0xD1B54A32D192ED03), model.Device))];
        Attach();
    }

    /// <summary>Rank, scale, and targets.</summary>
    public LoraConfig Config { get; }

    /// <summary>Everything that learns: A and B of every layer, in the model's order.</summary>
    public IEnumerable<Parameter> Parameters => NamedParameters.Select(item => item.Parameter);

    /// <summary>The same under PEFT's names.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters =>
        _layers.Zip(_adapters).SelectMany(item => new[]
        {
            (NameOfA(item.First), item.Second.A),
            ($"{Prefix}{item.First.Path}.lora_B.weight", item.Second.B),
        });

    /// <summary>Adds new adapters to a model; until they have learned, the model is unchanged.</summary>
    /// <param name="model">The model; its target layers must have no adapter yet.</param>
    /// <param name="config">Rank, scale, and targets.</param>
    /// <param name="seed">Seed of the down-projections and of dropout.</param>
    public static LoraAdapters Attach(VisionLanguageModel model, LoraConfig config, ulong seed)
    {
        config.Check(nameof(LoraConfig));
        LinearLayer[] layers = [.. model.LinearLayers.Where(layer => config.Targets(layer.Path))];
        return layers.Length > 0
            ? new LoraAdapters(model, config, seed, layers)
            : throw new ArgumentException(
                $"target_modules {config.Described} match no linear layer. "
                + $"Layers are named like '{model.LinearLayers[0].Path}'.", nameof(config));
    }

    /// <summary>Adds the adapters of a PEFT folder, to the layers that its file has tensors for.</summary>
    /// <param name="model">The model.</param>
    /// <param name="folder">Holds adapter_config.json and adapter_model.safetensors.</param>
    /// <param name="seed">Seed of dropout, if training goes on.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, misshapen, or left over; it is named.</exception>
    public static LoraAdapters Load(VisionLanguageModel model, string folder, ulong seed = 0)
    {
        using var file = new SafetensorsFile(Path.Combine(folder, WeightsName));
        LinearLayer[] layers = [.. model.LinearLayers.Where(layer => file.Contains(NameOfA(layer)))];
        var adapters = new LoraAdapters(model, LoraConfig.Load(Path.Combine(folder, ConfigName)), seed, layers);
        try
        {
            adapters.Read(file);
            return adapters;
        }
        catch
        {
            adapters.Dispose();
            throw;
        }
    }

    /// <summary>Writes a folder that PEFT, transformers, and vLLM load.</summary>
    /// <param name="folder">The folder; created if absent.</param>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        ConfigOfLayers().Save(Path.Combine(folder, ConfigName));
        SafetensorsWriter.Write(
            Path.Combine(folder, WeightsName),
            NamedParameters.Select(item => TensorTransfer.Entry(item.Name, item.Parameter)),
            s_metadata);
    }

    /// <summary>Switches all adapters on or off; off, the model is its base.</summary>
    /// <param name="isEnabled">On or off.</param>
    public void Enable(bool isEnabled)
    {
        foreach (var adapter in _adapters)
        {
            adapter.IsEnabled = isEnabled;
        }
    }

    /// <summary>Takes the adapters off the model and keeps them, so that others can be put on.</summary>
    public void Detach()
    {
        foreach (var (layer, adapter) in _layers.Zip(_adapters))
        {
            layer.Adapter = layer.Adapter == adapter ? null : layer.Adapter;
        }
    }

    /// <summary>Puts the adapters on the model again.</summary>
    /// <exception cref="InvalidOperationException">Others are on it.</exception>
    public void Attach()
    {
        CheckFree();
        foreach (var (layer, adapter) in _layers.Zip(_adapters))
        {
            layer.Adapter = adapter;
        }
    }

    /// <summary>Adapters are off until the result is disposed: the reference policy for a KL term.</summary>
    public IDisposable Disabled()
    {
        Enable(false);
        return new Restore(this);
    }

    /// <summary>Says which training step comes; dropout depends on it alone.</summary>
    /// <param name="step">The step's number.</param>
    public void BeginStep(long step)
    {
        foreach (var adapter in _adapters)
        {
            adapter.Step = step;
        }
    }

    /// <summary>Takes the adapters off the model and releases them.</summary>
    public void Dispose()
    {
        Detach();
        foreach (var adapter in _adapters)
        {
            adapter.Dispose();
        }
    }

    private static string NameOfA(LinearLayer layer) => $"{Prefix}{layer.Path}.lora_A.weight";

    // Short names may match more layers than have adapters; readers would then expect tensors that do not exist.
    private LoraConfig ConfigOfLayers() =>
        _model.LinearLayers.Count(layer => Config.Targets(layer.Path)) == _layers.Length
            ? Config
            : Config with { TargetPattern = null, TargetModules = [.. _layers.Select(layer => layer.Path)] };

    private void CheckFree()
    {
        if (_layers.FirstOrDefault(layer => layer.Adapter is not null) is { } taken)
        {
            throw new InvalidOperationException($"'{taken.Path}' has an adapter already. Dispose that one first.");
        }
    }

    private void Read(SafetensorsFile file)
    {
        using var off = no_grad();
        var wanted = NamedParameters.ToDictionary(item => item.Name, item => item.Parameter);
        string[] faults =
        [
            .. wanted.Keys.Where(name => !file.Contains(name)).Select(name => $"'{name}' is missing"),
            .. file.Names.Where(name => !wanted.ContainsKey(name)).Select(name => $"'{name}' has no layer"),
            .. wanted.Where(item => file.Contains(item.Key) && !Fits(file.Get(item.Key), item.Value))
                .Select(item => $"'{item.Key}' is {file.Get(item.Key).Info}; expected [{Extents(item.Value)}]"),
        ];
        if (faults.Length > 0)
        {
            throw new InvalidDataException($"{file.Path} does not fit the model: {string.Join("; ", faults)}.");
        }

        foreach (var (name, parameter) in wanted)
        {
            using var stored = TensorTransfer.Read(file.Get(name), ScalarType.Float32, CPU);
            parameter.copy_(stored);
        }

        static bool Fits(TensorView view, Parameter parameter) => view.Shape.SequenceEqual(parameter.shape);
        static string Extents(Parameter parameter) => string.Join(", ", parameter.shape);
    }

    private sealed class Restore(LoraAdapters adapters) : IDisposable
    {
        public void Dispose() => adapters.Enable(true);
    }
}

/// <summary>A low-rank addition to one linear layer: y += scale B A dropout(x), in float32.</summary>
/// <remarks>Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021, equation 3.</remarks>
public sealed class LoraAdapter : IDisposable
{
    private readonly TorchSharp.Scalar _scale;
    private readonly double _dropout;
    private readonly ulong _seed;

    internal LoraAdapter(LinearLayer layer, LoraConfig config, ulong seed, Device device)
    {
        _scale = config.Scale;
        _dropout = config.Dropout;
        _seed = seed;
        using var generator = new Generator(seed, device);
        var bound = 1 / Math.Sqrt(layer.Inputs);
        A = new Parameter(empty([config.Rank, layer.Inputs], ScalarType.Float32, device)
            .uniform_(-bound, bound, generator));
        B = new Parameter(zeros([layer.Outputs, config.Rank], ScalarType.Float32, device));
        A.DetachFromDisposeScope();
        B.DetachFromDisposeScope();
    }

    /// <summary>Down-projection [rank, inputs]; starts uniform.</summary>
    public Parameter A { get; }

    /// <summary>Up-projection [outputs, rank]; starts at zero, so that a new adapter changes nothing.</summary>
    public Parameter B { get; }

    /// <summary>Off: the layer is the base model's.</summary>
    public bool IsEnabled { get; internal set; } = true;

    /// <summary>Counts training steps; dropout is the same whenever one step is computed again.</summary>
    internal long Step { get; set; }

    /// <summary>Releases the parameters.</summary>
    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }

    /// <summary>scale B A dropout(x) in float32 [..., outputs].</summary>
    internal Tensor Forward(Tensor x, bool isTraining)
    {
        var input = x.to(ScalarType.Float32);
        if (isTraining && _dropout > 0)
        {
            input = Drop(input);
        }

        var low = nn.functional.linear(input, A);               // [..., rank]
        return nn.functional.linear(low, B) * _scale;           // [..., outputs]
    }

    // Gradient checkpointing runs layers twice and must drop the same elements, hence a generator per step.
    private Tensor Drop(Tensor input)
    {
        using var off = no_grad();
        using var generator = new Generator(_seed ^ ((ulong)(Step + 1) * 0x9E3779B97F4A7C15), input.device);
        var kept = rand(input.shape, ScalarType.Float32, input.device, generator: generator)
            .IsBelow(_dropout).logical_not();
        using var on = enable_grad();
        return input * (kept.to(ScalarType.Float32).Over(1 - _dropout));
    }
}
