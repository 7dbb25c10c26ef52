using PhysIntuition.Vlm.Models;
using PhysIntuition.Vlm.Sampling;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Generation;

/// <summary>Draws one token for every row of logits, and says how probable the model found it.</summary>
internal sealed class TokenSampler : IDisposable
{
    private readonly GenerationOptions _options;
    private readonly Tensor? _seen;   // [rows, vocabulary], true where a token occurred; null without a penalty
    private readonly int _rows;
    private int _step;

    internal TokenSampler(GenerationOptions options, VlmBatch prompts, long vocabulary, Device device)
    {
        _options = options;
        _rows = prompts.Sequences.Count * options.CompletionsPerPrompt;
        _seen = options.Sampling.RepetitionPenalty == 1 ? null : SeenIn(prompts, options, vocabulary, device);
    }

    private SamplingOptions Sampling => _options.Sampling;

    /// <summary>One step.</summary>
    /// <param name="logits">[rows, vocabulary].</param>
    /// <returns>Tokens [rows] and their log-probabilities [rows].</returns>
    internal (Tensor Tokens, Tensor LogProbabilities) Next(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var raw = logits.to(ScalarType.Float32);
        var temperature = Sampling.Temperature;
        var all = (temperature is 0 or 1 ? raw : raw / temperature).log_softmax(-1);
        var penalised = _seen is null ? raw : TokenFilters.Penalise(raw, _seen, Sampling.RepetitionPenalty);
        var tokens = temperature == 0 ? penalised.argmax(-1, keepdim: true) : Draw(penalised);   // [rows, 1]
        using (var occurred = ones(tokens.shape, ScalarType.Bool, tokens.device))
        {
            _seen?.scatter_(1, tokens, occurred);
        }

        _step++;
        var scores = all.gather(1, tokens).squeeze(1);
        return (tokens.squeeze(1).MoveToOuterDisposeScope(), scores.MoveToOuterDisposeScope());
    }

    public void Dispose() => _seen?.Dispose();

    // Inverse of the cumulative distribution: the first token whose cumulative sum exceeds the target.
    private Tensor Draw(Tensor scores)
    {
        var sums = Filter(scores).softmax(-1, ScalarType.Float64).cumsum(-1);                    // [rows, vocabulary]
        var targets = Uniforms(scores.device) * sums.narrow(-1, sums.size(-1) - 1, 1);           // [rows, 1]
        return sums.le(targets).sum(-1L, keepdim: true);
    }

    private Tensor Filter(Tensor scores)
    {
        scores = Sampling.Temperature == 1 ? scores : scores / Sampling.Temperature;
        scores = Sampling.TopK == 0 ? scores : TokenFilters.TopK(scores, Sampling.TopK);
        scores = Sampling.TopP == 1 ? scores : TokenFilters.TopP(scores, Sampling.TopP);
        return Sampling.MinP == 0 ? scores : TokenFilters.MinP(scores, Sampling.MinP);
    }

    private Tensor Uniforms(Device device)
    {
        var values = new double[_rows];
        for (var row = 0; row < _rows; row++)
        {
            var (prompt, completion) = Math.DivRem(row, _options.CompletionsPerPrompt);
            values[row] = UniformDraws.At(_options.Seed, prompt, completion, _step);
        }

        return tensor(values, [_rows, 1], device: device);
    }

    private static Tensor SeenIn(VlmBatch prompts, GenerationOptions options, long vocabulary, Device device)
    {
        var seen = new bool[prompts.Sequences.Count * vocabulary];
        for (var row = 0; row < prompts.Sequences.Count; row++)
        {
            foreach (var token in prompts.Sequences[row].TokenIds)
            {
                seen[(row * vocabulary) + token] = true;
            }
        }

        using var scope = NewDisposeScope();
        return tensor(seen, [prompts.Sequences.Count, vocabulary], device: device)
            .repeat_interleave(options.CompletionsPerPrompt, 0).DetachFromDisposeScope();
    }
}
