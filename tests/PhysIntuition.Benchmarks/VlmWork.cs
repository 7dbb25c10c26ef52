using System.Text.Json;
using PhysIntuition.Trainer.Training;
using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace PhysIntuition.Benchmarks;

/// <summary>What both sides do: the tiny model on prompts of one 96 x 96 picture and a line of text.</summary>
internal sealed class VlmWork : IDisposable
{
    private const int PrefillBatch = 32;
    private const int DecodePrompts = 4;
    private const int Completions = 16;
    private const int NewTokens = 24;
    private const int TrainBatch = 32;
    private const int AnswerTokens = 6;
    private const int Vocabulary = 128;
    private const int ImageToken = 120;
    private const int VideoToken = 121;

    private static readonly PatchGrid s_grid = new(1, 6, 6);

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly AdamW _optimiser;
    private readonly VlmBatch _prefill;
    private readonly VlmBatch _decode;
    private readonly VlmBatch _train;
    private readonly int[][] _labels;

    internal VlmWork()
    {
        Model = VisionLanguageModel.Create(TinyVlm.Config(Vocabulary, ImageToken, VideoToken), seed: 1);
        _optimiser = new AdamW(Model.parameters(), new MomentOptions(0.9, 0.999, 0.01));
        _prefill = Batch(PrefillBatch);
        _decode = Batch(DecodePrompts);
        _train = Batch(TrainBatch);
        _labels = [.. Enumerable.Range(0, TrainBatch).Select(_ => Labels())];
    }

    internal VisionLanguageModel Model { get; }

    internal static int PrefillTokens => PrefillBatch * Ids().Length;

    internal static int DecodeTokens => DecodePrompts * Completions * NewTokens;

    internal static int TrainSamples => TrainBatch;

    public void Dispose()
    {
        _optimiser.Dispose();
        Model.Dispose();
        _scope.Dispose();
    }

    internal void Prefill()
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        _ = Model.Head(Model.States(_prefill).select(1, _prefill.Length - 1));
    }

    internal void Decode() => TextGenerator.Generate(Model, _decode, new GenerationOptions
    {
        MaxNewTokens = NewTokens, CompletionsPerPrompt = Completions, Seed = 1,
    });

    internal void Train()
    {
        using var scope = NewDisposeScope();
        var loss = TokenLoss.Of(Model, _train, _labels).Mean;
        loss.backward();
        nn.utils.clip_grad_norm_(Model.parameters(), 1.0);
        _optimiser.Step(1e-4);
        _ = loss.item<float>();
    }

    /// <summary>Logits after the last token, for pixels that rise evenly from -1 to 1.</summary>
    internal float[] Logits()
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        long[] shape = [s_grid.Count, Model.Config.Vision.PatchWidth];
        var count = (int)(shape[0] * shape[1]);
        var pixels = tensor([.. Enumerable.Range(0, count).Select(i => (float)(-1 + (2.0 * i / (count - 1))))], shape);
        using var batch = VlmBatch.Create(Model, [new VlmSequence(Ids(), s_grid)], pixels);
        return Model.Logits(batch).select(1, batch.Length - 1).data<float>().ToArray();
    }

    /// <summary>Weights and description for the other side.</summary>
    internal void Write(string folder)
    {
        Model.SaveWeights(folder);
        using var batch = Batch(1);
        var plane = batch.PositionIds.data<long>().ToArray();
        var length = batch.Length;
        var (text, vision) = (Model.Config.Text, Model.Config.Vision);
        File.WriteAllBytes(Path.Combine(folder, "work.json"), JsonSerializer.SerializeToUtf8Bytes(new
        {
            ids = Ids(),
            positions = Enumerable.Range(0, 3).Select(axis => plane[(axis * length)..((axis + 1) * length)]),
            next = batch.NextPositions[0],
            patches = s_grid.Count,
            patch_width = vision.PatchWidth,
            image_token = ImageToken,
            answer = AnswerTokens,
            completions = Completions,
            steps = NewTokens,
            batch = new { prefill = PrefillBatch, decode = DecodePrompts, train = TrainBatch },
            config = new
            {
                vision = new
                {
                    hidden = vision.HiddenSize, inner = vision.IntermediateSize, heads = vision.NumHeads,
                    depth = vision.Depth, patch = vision.PatchSize, frames = vision.TemporalPatchSize,
                    @out = vision.OutHiddenSize, positions = vision.NumPositionEmbeddings,
                    deepstack = vision.DeepstackVisualIndexes, grid = s_grid.Height,
                },
                text = new
                {
                    hidden = text.HiddenSize, inner = text.IntermediateSize, heads = text.NumAttentionHeads,
                    keys = text.NumKeyValueHeads, head = text.HeadDim, layers = text.NumHiddenLayers,
                    vocabulary = text.VocabSize, theta = text.RopeTheta, sections = text.MropeSection,
                    eps = text.RmsNormEps,
                },
            },
        }));
    }

    private static int[] Ids() =>
    [
        .. Enumerable.Range(0, 6), .. Enumerable.Repeat(ImageToken, 9), .. Enumerable.Range(10, 24 + AnswerTokens),
    ];

    private static int[] Labels()
    {
        var labels = Ids();
        Array.Fill(labels, TokenLoss.Ignored, 0, labels.Length - AnswerTokens);
        return labels;
    }

    private VlmBatch Batch(int count)
    {
        using var generator = new Generator(5);
        var pixels = rand([(long)count * s_grid.Count, Model.Config.Vision.PatchWidth], generator: generator) * 2 - 1;
        return VlmBatch.Create(Model, [.. Enumerable.Repeat(new VlmSequence(Ids(), s_grid), count)], pixels);
    }
}
