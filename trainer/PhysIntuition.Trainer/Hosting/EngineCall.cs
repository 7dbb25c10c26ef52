using System.Threading.Channels;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>A request that waits or runs; the engine's thread writes, whoever asked reads.</summary>
internal sealed class EngineCall
{
    private readonly Channel<CompletionPart> _parts = Channel.CreateUnbounded<CompletionPart>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private readonly List<CompletionPart> _kept = [];   // until the end, where nobody wants them earlier
    private volatile bool _isCancelled;

    public EngineCall(CompletionRequest request, ServedModel model, Tokenizer tokenizer)
    {
        (Request, Model) = (request, model);
        Running = [.. Enumerable.Range(0, request.Count).Select(number => new RunningCompletion(
            request.Sampling, request.Seed, number, request.Alternatives) { Constraint = request.Constraint })];
        Texts = [.. Running.Select(_ => new CompletionText(tokenizer, request.Stop))];
    }

    public CompletionRequest Request { get; }

    public ServedModel Model { get; }

    public RunningCompletion[] Running { get; }

    public CompletionText[] Texts { get; }

    /// <summary>Completions that go on.</summary>
    public int Open { get; private set; }

    /// <summary>Nobody waits for it any more.</summary>
    public bool IsCancelled => _isCancelled;

    public ChannelReader<CompletionPart> Parts => _parts.Reader;

    public void Cancel() => _isCancelled = true;

    public void Begin() => Open = Running.Length;

    /// <summary>Takes the token that was drawn last for a completion.</summary>
    /// <returns>Whether the completion ended with it.</returns>
    public bool Take(int number, IReadOnlyList<int> stopTokens)
    {
        var (running, text) = (Running[number], Texts[number]);
        var isStop = stopTokens.Contains(running.Last.Token);
        var isLast = isStop || running.Count == Request.MaxTokens;
        var told = text.Add(running.Last.Token, isLast);
        CompletionEnd? end = isStop || text.IsStopped ? CompletionEnd.Stop : isLast ? CompletionEnd.Length : null;
        _kept.Add(new CompletionPart(number, running.Last, told, end));
        Open -= end is null ? 0 : 1;
        if (Request.Streams || Open == 0)
        {
            Tell();
        }

        return end is not null;
    }

    /// <summary>Ends it; a failure reaches who asked.</summary>
    public void End(Exception? failure)
    {
        Open = 0;
        _parts.Writer.TryComplete(failure);
    }

    private void Tell()
    {
        foreach (var part in _kept)
        {
            _parts.Writer.TryWrite(part);
        }

        _kept.Clear();
        if (Open == 0)
        {
            _parts.Writer.TryComplete();
        }
    }
}

/// <summary>A model under one name: the base, or the base with adapters.</summary>
/// <param name="name">What requests call it.</param>
/// <param name="adapters">Null: the base alone.</param>
/// <param name="batch">What it writes now.</param>
internal sealed class ServedModel(string name, Vlm.Models.LoraAdapters? adapters, RunningBatch batch) : IDisposable
{
    public string Name { get; } = name;

    public Vlm.Models.LoraAdapters? Adapters { get; } = adapters;

    public RunningBatch Batch { get; private set; } = batch;

    /// <summary>Calls that run.</summary>
    public List<EngineCall> Calls { get; } = [];

    /// <summary>Calls that wait or run.</summary>
    public int Users { get; set; }

    /// <summary>Begins with another batch.</summary>
    public void Reset(RunningBatch batch)
    {
        Batch.Dispose();
        Batch = batch;
    }

    public void Dispose()
    {
        Batch.Dispose();
        Adapters?.Dispose();
    }
}

/// <summary>Makes text of tokens as they come: whole characters, and nothing of a text that ends it.</summary>
/// <param name="tokenizer">The model's.</param>
/// <param name="stops">Texts that end it.</param>
internal sealed class CompletionText(Tokenizer tokenizer, IReadOnlyList<string> stops)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private string _held = "";   // may be the beginning of a stop

    /// <summary>Whether a stop was written.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Takes a token, and gives the text that is certain now.</summary>
    /// <param name="token">Its id; special tokens are no text.</param>
    /// <param name="isLast">Nothing follows: all of it is told.</param>
    public string Add(int token, bool isLast)
    {
        var bytes = tokenizer.IsSpecial(token) ? [] : tokenizer.BytesOf(token);
        var letters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length) + 1];
        _held += new string(letters, 0, _decoder.GetChars(bytes, letters, isLast));
        var end = stops.Select(stop => _held.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0)
            .DefaultIfEmpty(-1).Min();
        IsStopped = end >= 0;
        var certain = IsStopped ? end : _held.Length - (isLast ? 0 : stops.Select(Begun).DefaultIfEmpty().Max());
        (var text, _held) = (_held[..certain], IsStopped ? "" : _held[certain..]);
        return text;
    }

    /// <summary>Letters at the end that may begin a stop.</summary>
    private int Begun(string stop)
    {
        for (var length = Math.Min(stop.Length - 1, _held.Length); length > 0; length--)
        {
            if (_held.AsSpan().EndsWith(stop.AsSpan(0, length), StringComparison.Ordinal))
            {
                return length;
            }
        }

        return 0;
    }
}
