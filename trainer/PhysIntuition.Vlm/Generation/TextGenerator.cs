namespace PhysIntuition.Vlm.Generation;

/// <summary>Writes completions token by token, with a cache that completions of one prompt share.</summary>
public static class TextGenerator
{
    private const int StepsBetweenChecksOnGpu = 8;   // asking a GPU whether all rows have stopped makes it wait

    /// <summary>Completes every prompt of a batch.</summary>
    /// <param name="model">The model; switched to evaluation by the caller if it has dropout.</param>
    /// <param name="prompts">Prompts, padded on the left.</param>
    /// <param name="options">How completions are made.</param>
    /// <returns>Per prompt its completions.</returns>
    public static Completion[][] Generate(VisionLanguageModel model, VlmBatch prompts, GenerationOptions options)
    {
        options.Validate();
        if (prompts.AttentionMask is not null && !prompts.IsLeftPadded)
        {
            throw new ArgumentException("Prompts must be padded on the left; create the batch so.", nameof(prompts));
        }

        CheckCount("constraints", options.Constraints.Count);
        CheckCount("numbers", options.PromptNumbers.Count);

        using var off = no_grad();
        using var scope = NewDisposeScope();
        using var cache = CompletionCache.Create(model, prompts, options.CompletionsPerPrompt, options.MaxNewTokens);
        var sampler = new TokenSampler(options, prompts, model.Config.Text.VocabSize);
        return new Run(model, prompts, options, cache, sampler).ToEnd();

        void CheckCount(string what, int count)
        {
            if (count != 0 && count != prompts.Sequences.Count)
            {
                throw new ArgumentException($"There are {count} {what} for {prompts.Sequences.Count} prompts; "
                    + "give one for each, or none.", nameof(options));
            }
        }
    }

    private sealed class Run(
        VisionLanguageModel model, VlmBatch prompts, GenerationOptions options, KvCache cache, TokenSampler sampler)
    {
        private readonly List<Tensor> _tokens = [];
        private readonly List<Tensor> _scores = [];
        private readonly TorchSharp.Scalar[] _stops = [.. options.StopTokens.Select(stop => (TorchSharp.Scalar)stop)];
        private Tensor? _finished;

        internal Completion[][] ToEnd()
        {
            using (NewDisposeScope())
            {
                var last = model.LastStates(prompts, cache);                                // [prompts, hidden]
                Draw(model.Head(last).repeat_interleave(options.CompletionsPerPrompt, 0));  // [rows, vocabulary]
            }

            var positions = CompletionCache.FirstPositions(prompts, options.CompletionsPerPrompt, model.Device);
            while (_tokens.Count < options.MaxNewTokens && !AllStopped())
            {
                using var scope = NewDisposeScope();
                var x = model.Decoder.Embedding.Forward(_tokens[^1].unsqueeze(1));          // [rows, 1, hidden]
                var at = positions.Plus(_tokens.Count - 1L);                                 // [3, rows, 1]
                Draw(model.Head(model.Decoder.Forward(x, at, cache: cache)).squeeze(1));
            }

            return Collect();
        }

        private void Draw(Tensor logits)
        {
            var (tokens, scores) = sampler.Next(logits);
            _tokens.Add(tokens.DetachFromDisposeScope());
            _scores.Add(scores.DetachFromDisposeScope());
            if (options.StopTokens.Count > 0)
            {
                Mark(tokens);
            }
        }

        private void Mark(Tensor tokens)
        {
            var stops = _stops.Select(stop => tokens.eq(stop)).Aggregate((a, b) => a.logical_or(b));
            var finished = _finished is null ? stops : _finished.logical_or(stops);
            _finished?.Dispose();
            _finished = finished.DetachFromDisposeScope();
        }

        private bool AllStopped()
        {
            var isCheckDue = model.Device.type == TorchSharp.DeviceType.CPU
                || _tokens.Count % StepsBetweenChecksOnGpu == 0;
            return isCheckDue && _finished is not null && _finished.all().item<bool>();
        }

        private Completion[][] Collect()
        {
            var tokens = stack(_tokens, 1).cpu().data<long>().ToArray();                    // [rows, steps]
            var scores = stack(_scores, 1).cpu().data<float>().ToArray();
            var steps = _tokens.Count;
            foreach (var tensor in _tokens.Concat(_scores))
            {
                tensor.Dispose();
            }

            _finished?.Dispose();
            return [.. Enumerable.Range(0, prompts.Sequences.Count).Select(prompt =>
                Enumerable.Range(prompt * options.CompletionsPerPrompt, options.CompletionsPerPrompt)
                    .Select(row => Cut(tokens.AsSpan(row * steps, steps), scores.AsSpan(row * steps, steps)))
                    .ToArray())];
        }

        private Completion Cut(ReadOnlySpan<long> tokens, ReadOnlySpan<float> scores)
        {
            var length = 0;
            var isStopped = false;
            while (length < tokens.Length && !isStopped)
            {
                isStopped = options.StopTokens.Contains((int)tokens[length++]);
            }

            var ids = new int[length];
            for (var i = 0; i < length; i++)
            {
                ids[i] = (int)tokens[i];
            }

            return new Completion(ids, scores[..length].ToArray(), isStopped);
        }
    }
}

/// <summary>What a model wrote.</summary>
/// <param name="TokenIds">Tokens, the stop token included if there is one.</param>
/// <param name="LogProbabilities">
/// log p of each token under the model at the sampling temperature (1 when greedy), before any filter.
/// </param>
/// <param name="IsStopped">Ended by a stop token rather than by the limit.</param>
public sealed record Completion(int[] TokenIds, float[] LogProbabilities, bool IsStopped);
