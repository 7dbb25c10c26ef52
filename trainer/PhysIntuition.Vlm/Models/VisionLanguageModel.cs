namespace PhysIntuition.Vlm.Models;

/// <summary>A vision tower and a decoder that reads its tokens among text.</summary>
public sealed class VisionLanguageModel : Part
{
    private readonly LinearLayer? _head;

    private VisionLanguageModel(VlmConfig config, WeightSource source)
        : base(nameof(VisionLanguageModel))
    {
        using var scope = NewDisposeScope();
        Config = config;
        Placement = source.Placement;
        var body = new Body(source.Root.Child("model"), config);
        Add("model", body);
        Vision = body.Vision;
        Decoder = body.Decoder;
        _head = config.TieWordEmbeddings ? null : Add("lm_head", new LinearLayer(
            source.Root.Child("lm_head"), config.Text.HiddenSize, config.Text.VocabSize, hasBias: false));
        LinearLayers = [.. LinearLayersOf(this)];
    }

    /// <summary>The model's shape.</summary>
    public VlmConfig Config { get; }

    /// <summary>Pixels to tokens.</summary>
    public VisionTower Vision { get; }

    /// <summary>Tokens to states.</summary>
    public TextDecoder Decoder { get; }

    /// <summary>Every linear layer of both halves, and the output head unless it is tied.</summary>
    public IReadOnlyList<LinearLayer> LinearLayers { get; }

    /// <summary>Where and how the weights are held.</summary>
    public WeightPlacement Placement { get; }

    /// <summary>The device of the weights.</summary>
    public Device Device => Placement.Device;

    /// <summary>Multiplies float32 weights in this type (bfloat16); sums, norms, and losses stay float32.</summary>
    public ScalarType? ComputeType
    {
        get => Vision.ComputeType;
        set
        {
            Vision.ComputeType = value;
            foreach (var layer in LinearLayers)
            {
                layer.ComputeType = value;
            }
        }
    }

    /// <summary>Keeps only each layer's input for the backward pass and computes the rest again.</summary>
    public bool UsesGradientCheckpointing
    {
        get => Decoder.UsesCheckpointing;
        set => Decoder.UsesCheckpointing = Vision.UsesCheckpointing = value;
    }

    /// <summary>Loads a checkpoint folder as published: config.json and one or many safetensors files.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="placement">Element type, device, and quantisation; float32 on the CPU unless given.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, misshapen, or left over; it is named.</exception>
    public static VisionLanguageModel Load(string folder, WeightPlacement? placement = null)
    {
        var config = VlmConfig.Load(folder);
        using var checkpoint = Checkpoint.Open(folder);
        var weights = new CheckpointWeights(checkpoint, placement ?? new WeightPlacement());
        var model = new VisionLanguageModel(config, weights);
        try
        {
            weights.Finish(config);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>A model with random weights; the same seed gives the same weights.</summary>
    /// <param name="config">The shape.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="placement">As in <see cref="Load"/>; trainable float32 on the CPU unless given.</param>
    public static VisionLanguageModel Create(VlmConfig config, ulong seed, WeightPlacement? placement = null) =>
        new(config, new RandomWeights(placement ?? new WeightPlacement { IsTrainable = true }, seed));

    /// <summary>Normalised states [batch, tokens, hidden] of a whole batch.</summary>
    public Tensor States(VlmBatch batch) => States(batch, cache: null, isLastOnly: false);

    /// <summary>Logits [batch, tokens, vocabulary] of a whole batch; row t says what comes after token t.</summary>
    public Tensor Logits(VlmBatch batch) => Head(States(batch));

    /// <summary>Logits [..., vocabulary] of states [..., hidden].</summary>
    public Tensor Head(Tensor states) =>
        _head is { } head ? head.Forward(states) : LinearProduct.Of(states, Decoder.Embedding.Weight, bias: null);

    /// <summary>
    /// Normalised states [batch, hidden] of the last tokens of a batch padded on the left, all that its next tokens
    /// depend on; a cache keeps the keys and values of all tokens for what follows.
    /// </summary>
    internal Tensor LastStates(VlmBatch batch, IKeyValueCache? cache = null) =>
        States(batch, cache, isLastOnly: true).squeeze(1);

    private Tensor States(VlmBatch batch, IKeyValueCache? cache, bool isLastOnly)
    {
        var (x, deepstack) = Embed(batch);
        var mask = AttentionMasks.Causal(batch.AttentionMask, x.dtype);
        return Decoder.Forward(x, batch.PositionIds, mask, cache, deepstack, isLastOnly);
    }

    /// <summary>Embeddings with pictures in their places [batch, tokens, hidden], and what follows them.</summary>
    internal (Tensor X, DeepstackInput? Deepstack) Embed(VlmBatch batch)
    {
        var x = Decoder.Embedding.Forward(batch.InputIds);
        if (batch.PixelValues is not { } pixels)
        {
            return (x, null);
        }

        var seen = Vision.Forward(pixels, batch.Grids);
        var flat = x.view(-1, x.size(2)).index_copy(0, batch.VisualPlaces!, seen.Tokens.to(x.dtype));
        return (flat.view(x.shape), new DeepstackInput(batch.VisualPlaces!, seen.Deepstack));
    }

    /// <summary>Writes all weights as a checkpoint folder under today's names, adapters not merged.</summary>
    /// <param name="folder">The folder; config.json is the caller's to copy.</param>
    public void SaveWeights(string folder) => CheckpointWriter.Write(
        folder, named_parameters().Select(item => TensorTransfer.Entry(item.name, item.parameter)));

    private sealed class Body : Part
    {
        internal Body(WeightScope weights, VlmConfig config)
            : base(nameof(Body))
        {
            Vision = Add("visual", new VisionTower(weights.Child("visual"), config.Family, config.Vision));
            Decoder = Add("language_model", new TextDecoder(weights.Child("language_model"), config.Text));
        }

        internal VisionTower Vision { get; }

        internal TextDecoder Decoder { get; }
    }
}
