using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>A model that learns, and what turns questions into its input and its output into text.</summary>
public sealed class Policy : IDisposable
{
    private static readonly string[] s_files =
        ["config.json", Tokenizer.FileName, ImageOptions.FileName, "generation_config.json", "tokenizer_config.json"];

    private static readonly string[] s_descriptions = ["config.json", "adapter_config.json"];

    private static readonly string[] s_visionLayers = ["qkv", "proj", "linear_fc1", "linear_fc2"];

    private readonly string _folder;

    private Policy(string folder, VisionLanguageModel model, LoraAdapters? adapters, ValueHead? valueHead)
    {
        _folder = folder;
        ValueHead = valueHead;
        Model = model;
        Adapters = adapters;
        var template = model.Config.Family == VlmFamily.Qwen3Vl ? ChatTemplate.Qwen3Vl : ChatTemplate.Qwen25Vl;
        var tokenizer = Tokenizer.Load(folder);
        Encoder = new ChatEncoder(template, tokenizer, new ImageProcessor(ImageOptions.Load(folder)));
        StopTokens = [.. new[] { "<|im_end|>", "<|endoftext|>" }.Select(tokenizer.IdOf).OfType<int>()];
    }

    /// <summary>The model.</summary>
    public VisionLanguageModel Model { get; }

    /// <summary>Adapters that learn in place of the weights; null where the weights themselves learn.</summary>
    public LoraAdapters? Adapters { get; }

    /// <summary>Whether the adapters had learned before, so that the base model is not the start.</summary>
    public bool BeganWithAdapters { get; private set; }

    /// <summary>Estimates what an answer will earn; null where no recipe asks.</summary>
    public ValueHead? ValueHead { get; }

    /// <summary>From messages to tokens and patches.</summary>
    public ChatEncoder Encoder { get; }

    /// <summary>Tokens that end an answer.</summary>
    public IReadOnlyList<int> StopTokens { get; }

    /// <summary>What learns, under the names that it is stored by.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Trained =>
        [.. Learned, .. ValueHead?.Parameters ?? []];

    private IEnumerable<(string Name, Parameter Parameter)> Learned =>
        Adapters is null ? Model.named_parameters() : Adapters.NamedParameters;

    /// <summary>The folder, if a model or adapters can be opened from it.</summary>
    /// <exception cref="ArgumentException">It is absent or holds neither.</exception>
    public static string RequireFolder(string folder) =>
        s_descriptions.Any(name => File.Exists(Path.Combine(folder, name))) ? folder : throw new ArgumentException(
            $"'--model' is {folder}; " + (Directory.Exists(folder)
                ? $"that folder holds neither {string.Join(" nor ", s_descriptions)}. Name a model's own folder."
                : "there is no such folder."));

    /// <summary>Opens a model folder, or a folder of adapters with the base model that it names.</summary>
    /// <param name="folder">Of the published layout; without weights a random model of that shape is made.</param>
    /// <param name="options">What learns, and where it runs.</param>
    public static Policy Open(string folder, PolicyOptions options)
    {
        var adapterFile = Path.Combine(folder, "adapter_config.json");
        if (!File.Exists(adapterFile))
        {
            return Open(folder, new LoraConfig
            {
                Rank = options.AdapterRank, Alpha = options.AdapterAlpha, BaseModel = Path.GetFullPath(folder),
                TargetModules = [.. new LoraConfig().TargetModules, .. options.AdaptsVision ? s_visionLayers : []],
            }, options);
        }

        var config = LoraConfig.Load(adapterFile);
        var baseFolder = config.BaseModel ?? throw new ArgumentException(
            $"{adapterFile} names no base_model_name_or_path; write the base model's folder there.");
        var policy = Open(baseFolder, config, options with { AdapterRank = config.Rank });
        policy.Restore(folder);
        policy.BeganWithAdapters = true;
        return policy;
    }

    private static Policy Open(string folder, LoraConfig adapterConfig, PolicyOptions options)
    {
        var placement = new WeightPlacement
        {
            Device = TorchRuntime.DeviceOf(options.Device),
            Type = options.UsesBFloat16 ? ScalarType.BFloat16 : ScalarType.Float32,
            IsTrainable = options.AdapterRank == 0,
            Nf4 = options.UsesNf4 ? new Nf4Options() : null,
        };
        var model = HasWeights(folder)
            ? VisionLanguageModel.Load(folder, placement)
            : VisionLanguageModel.Create(VlmConfig.Load(folder), options.Seed, placement);
        var adapters = options.AdapterRank == 0 ? null : LoraAdapters.Attach(model, adapterConfig, options.Seed);
        model.UsesGradientCheckpointing = options.UsesGradientCheckpointing;
        var valueHead = options.HasValueHead ? new ValueHead(model.Config.Text.HiddenSize, model.Device) : null;
        return new Policy(folder, model, adapters, valueHead);
    }

    /// <summary>The prompt of a question, up to where the answer begins.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="before">What stands before it: examples, or the conversation so far.</param>
    public EncodedChat Prompt(Question question, params IEnumerable<Answered> before) => Encoder.Encode(
        [.. before.SelectMany(item => new[] { Ask(item.Question), new("assistant", item.Answer) }), Ask(question)],
        new ChatOptions { AddGenerationPrompt = true });

    /// <summary>The tokens of an answer, its end token included.</summary>
    public int[] Answer(string text) => [.. Encoder.Tokenizer.Encode(text), StopTokens[0]];

    /// <summary>The text of generated tokens.</summary>
    public string Text(int[] tokens) => Encoder.Tokenizer.Decode(tokens, skipSpecial: true);

    /// <summary>Prompts as one left-padded batch; the caller disposes batch and pixels.</summary>
    public (VlmBatch Batch, Tensor? Pixels) Batch(IReadOnlyList<EncodedChat> prompts)
    {
        var pictures = prompts.SelectMany(prompt => prompt.Images).ToArray();
        var sequences = prompts.Select(prompt => new VlmSequence(
            prompt.Ids, [.. prompt.Images.Select(image => image.Grid)]));
        var pixels = pictures.Length == 0 ? null : tensor(
            [.. pictures.SelectMany(picture => picture.Values)],
            [pictures.Sum(picture => picture.Grid.Count), pictures[0].RowLength], device: Model.Device);
        return (VlmBatch.Create(Model, [.. sequences], pixels), pixels);
    }

    /// <summary>Completes prompts, those of like length together.</summary>
    /// <returns>Per prompt its completions.</returns>
    public Completion[][] Write(IReadOnlyList<EncodedChat> prompts, GenerationOptions options)
    {
        var written = new Completion[prompts.Count][];
        foreach (var places in LengthGroups.Of([.. prompts.Select(prompt => prompt.Ids.Length)]))
        {
            var own = OnBatch(prompts, places, batch => TextGenerator.Generate(Model, batch, options with
            {
                PromptNumbers = places, Constraints = Of(options.Constraints, places),
            }));
            foreach (var (place, completions) in places.Zip(own))
            {
                written[place] = completions;
            }
        }

        return written;
    }

    /// <summary>Scores completions, those of like length together.</summary>
    /// <param name="prompts">What they complete.</param>
    /// <param name="completions">Equally many for every prompt, side by side; none empty.</param>
    /// <param name="temperature">Above 0; what sampling used.</param>
    /// <param name="learnsEntropy">Keeps the entropies' history, too.</param>
    /// <param name="constraints">What sampling allowed, for each prompt; empty: anything.</param>
    /// <returns>[completions, longest completion], 0 or anything behind a completion's end.</returns>
    public TokenScores Score(
        IReadOnlyList<EncodedChat> prompts, IReadOnlyList<int[]> completions, double temperature,
        bool learnsEntropy = false, IReadOnlyList<TokenConstraint?>? constraints = null)
    {
        var (each, longest) = (completions.Count / prompts.Count, completions.Max(completion => completion.Length));
        int[] lengths = [.. prompts.Zip(completions.Chunk(each),
            (prompt, own) => prompt.Ids.Length + own.Max(completion => completion.Length))];
        int[][] groups = [.. LengthGroups.Of(lengths)];
        TokenScores[] parts = [.. groups.Select(places => OnBatch(prompts, places, batch => CompletionScorer.Score(
            Model, batch, [.. places.SelectMany(place => completions.Skip(place * each).Take(each))], temperature,
            learnsEntropy, Of(constraints ?? [], places))))];
        if (groups.Length == 1)
        {
            return parts[0];
        }

        var rows = new long[completions.Count];   // where each completion's scores are
        foreach (var (place, at) in groups.SelectMany(places => places).Select((place, at) => (place, at)))
        {
            for (var i = 0; i < each; i++)
            {
                rows[(place * each) + i] = (at * each) + i;
            }
        }

        using var order = tensor(rows, device: Model.Device);
        Tensor Join(Func<TokenScores, Tensor> of) =>
            cat([.. parts.Select(part => Widen(of(part), longest))], 0).index_select(0, order);
        return new TokenScores(Join(part => part.LogProbabilities), Join(part => part.Entropies));

        static Tensor Widen(Tensor scores, long tokens) => scores.size(1) == tokens ? scores : cat(
            [scores, zeros([scores.size(0), tokens - scores.size(1)], scores.dtype, scores.device)], 1);
    }

    private T OnBatch<T>(IReadOnlyList<EncodedChat> prompts, int[] places, Func<VlmBatch, T> work)
    {
        var (batch, pixels) = Batch([.. places.Select(place => prompts[place])]);
        using var owned = batch;
        using var ownedPixels = pixels;
        return work(batch);
    }

    private static IReadOnlyList<TokenConstraint?> Of(IReadOnlyList<TokenConstraint?> constraints, int[] places) =>
        constraints.Count == 0 ? [] : [.. places.Select(place => constraints[place])];

    /// <summary>Writes what learned: adapters in PEFT's layout, or a whole model folder.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        ValueHead?.Save(folder);
        if (Adapters is not null)
        {
            Adapters.Save(folder);
            return;
        }

        Model.SaveWeights(folder);
        foreach (var file in s_files.Where(file => File.Exists(Path.Combine(_folder, file))))
        {
            File.Copy(Path.Combine(_folder, file), Path.Combine(folder, file), overwrite: true);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote; a value head that was not saved stays as it is.</summary>
    /// <exception cref="SafetensorsException">A tensor is missing.</exception>
    public void Restore(string folder)
    {
        using var none = no_grad();
        using var stored = Vlm.Weights.Checkpoint.Open(
            Adapters is null ? folder : Path.Combine(folder, "adapter_model.safetensors"));
        using var values = ValueHead.Open(folder);
        Take(stored, Learned);
        if (values is not null && ValueHead is not null)
        {
            Take(values, ValueHead.Parameters);
        }

        static void Take(ITensorSource source, IEnumerable<(string Name, Parameter Parameter)> parameters)
        {
            foreach (var (name, parameter) in parameters)
            {
                using var saved = tensor(source.Get(name).ToFloats(), parameter.shape);
                parameter.copy_(saved);
            }
        }
    }

    /// <summary>Releases model and adapters.</summary>
    public void Dispose()
    {
        Adapters?.Dispose();
        ValueHead?.Dispose();
        Model.Dispose();
    }

    private static ChatMessage Ask(Question question) =>
        new("user", [new ImagePart(question.Picture), new TextPart(question.Prompt)]);

    private static bool HasWeights(string folder) =>
        File.Exists(Path.Combine(folder, Vlm.Weights.Checkpoint.SingleName))
        || File.Exists(Path.Combine(folder, Vlm.Weights.Checkpoint.IndexName));
}

/// <summary>What learns, and where it runs.</summary>
public sealed record PolicyOptions
{
    /// <summary>Rank of the adapters; 0 trains the weights themselves.</summary>
    public int AdapterRank { get; init; }

    /// <summary>Numerator of the adapters' scale.</summary>
    public double AdapterAlpha { get; init; } = 16;

    /// <summary>Puts adapters on the vision tower, too.</summary>
    public bool AdaptsVision { get; init; }

    /// <summary>Adds a head that estimates what an answer will earn.</summary>
    public bool HasValueHead { get; init; }

    /// <summary>"cpu", "cuda" or "cuda:1".</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Holds base weights as bfloat16.</summary>
    public bool UsesBFloat16 { get; init; }

    /// <summary>Holds base layers in four bits.</summary>
    public bool UsesNf4 { get; init; }

    /// <summary>Computes layers again in the backward pass and so needs less memory.</summary>
    public bool UsesGradientCheckpointing { get; init; }

    /// <summary>Seed of random weights and adapters.</summary>
    public ulong Seed { get; init; }
}

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
