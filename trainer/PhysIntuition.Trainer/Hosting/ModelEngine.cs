using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>How much an engine takes on.</summary>
public sealed record ModelEngineOptions
{
    /// <summary>Completions that go through the model together.</summary>
    public int MaxRunning { get; init; } = 64;

    /// <summary>Requests that wait for a place; further ones are refused.</summary>
    public int MaxWaiting { get; init; } = int.MaxValue;

    /// <summary>Prompt tokens that are run between two tokens of the others.</summary>
    public int PromptTokensTogether { get; init; } = 8192;
}

/// <summary>A model and its adapters, answering many requests at once on a thread of its own.</summary>
/// <remarks>A request joins the running batch at the next token, and leaves it with its last one.</remarks>
public sealed class ModelEngine : IDisposable
{
    private readonly Policy _policy;
    private readonly Dictionary<string, AnswerConstraints> _constraints = [];   // by the tasks' options
    private readonly ModelEngineOptions _options;
    private readonly Thread _thread;
    private readonly object _gate = new();   // a Lock has no Wait
    private readonly Queue<EngineCall> _waiting = new();
    private readonly Queue<Action> _jobs = new();
    private readonly Dictionary<string, ServedModel> _named = [];   // under the gate
    private readonly List<ServedModel> _served = [];                // the engine's thread alone
    private ServedModel _current;
    private int _running;
    private bool _isClosed;

    /// <summary>Starts; the engine owns the policy.</summary>
    /// <param name="policy">The model; its adapters belong to it.</param>
    /// <param name="name">What requests call the model.</param>
    /// <param name="options">How much it takes on; null: the defaults.</param>
    public ModelEngine(Policy policy, string name, ModelEngineOptions? options = null)
    {
        (_policy, Name, _options) = (policy, name, options ?? new ModelEngineOptions());
        policy.Model.eval();
        _current = new ServedModel(name, policy.Adapters, new RunningBatch(policy.Model));
        _named[name] = _current;
        _served.Add(_current);
        _thread = new Thread(Run) { Name = "model", IsBackground = true };
        _thread.Start();
    }

    /// <summary>What requests call the model.</summary>
    public string Name { get; }

    /// <summary>How much it takes on.</summary>
    public ModelEngineOptions Options => _options;

    /// <summary>From messages to prompts; safe to share between threads.</summary>
    public ChatEncoder Encoder => _policy.Encoder;

    /// <summary>What a completion may be that answers a task's question, and nothing else.</summary>
    /// <param name="task">With version.</param>
    /// <param name="optionsJson">With which it is asked.</param>
    internal TokenConstraint ConstraintOf(string task, string optionsJson)
    {
        lock (_constraints)
        {
            if (!_constraints.TryGetValue(optionsJson, out var constraints))
            {
                _constraints[optionsJson] = constraints = new AnswerConstraints(_policy, isOn: true, optionsJson);
            }

            return constraints.Of([task])[0]!;
        }
    }

    /// <summary>The model's name, then its adapters'.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate)
            {
                return [Name, .. _named.Keys.Where(name => name != Name).Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Completions that run, and requests that wait.</summary>
    public (int Running, int Waiting) Load
    {
        get
        {
            lock (_gate)
            {
                return (_running, _waiting.Count);
            }
        }
    }

    /// <summary>Writes completions; parts come as the request says, the numbers of completions mixed.</summary>
    /// <exception cref="PhysIntuitionException">The model is unknown, too much is asked for, or too many
    /// wait.</exception>
    public IAsyncEnumerable<CompletionPart> CompleteAsync(
        CompletionRequest request, CancellationToken cancellation = default)
    {
        request.Sampling.Validate();
        var call = Enqueue(request);
        return ReadAsync(call, cancellation);
    }

    /// <summary>Puts adapters beside the model under a name of their own.</summary>
    /// <param name="name">What requests will call it.</param>
    /// <param name="folder">In PEFT's layout.</param>
    /// <param name="replaces">Whether adapters of that name may be there; requests that run keep the old ones.</param>
    /// <exception cref="PhysIntuitionException">The name is taken.</exception>
    /// <exception cref="InvalidDataException">The adapters do not fit the model.</exception>
    public Task LoadAdapterAsync(string name, string folder, bool replaces = false) => DoAsync(() =>
    {
        lock (_gate)
        {
            if (name == Name || (!replaces && _named.ContainsKey(name)))
            {
                throw new PhysIntuitionException(Fault.InvalidArgument, "lora_name", $"'lora_name' is '{name}', which "
                    + "is loaded already; take another name, unload it, or set load_inplace to true.");
            }
        }

        var added = ReadAdapters(name, folder);
        _served.Add(added);
        lock (_gate)
        {
            _named[name] = added;
        }

        Retire();
    });

    /// <summary>Takes adapters away; requests that run end with them.</summary>
    /// <exception cref="PhysIntuitionException">There are none of that name.</exception>
    public Task UnloadAdapterAsync(string name) => DoAsync(() =>
    {
        lock (_gate)
        {
            if (name == Name || !_named.Remove(name))
            {
                throw KnownNames.Unknown("lora_name", name, [.. _named.Keys.Where(known => known != Name)]);
            }
        }

        Retire();
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }

        if (_thread.IsAlive)
        {
            _thread.Join();
        }
    }

    private EngineCall Enqueue(CompletionRequest request)
    {
        lock (_gate)
        {
            if (!_named.TryGetValue(request.Model, out var model))
            {
                throw KnownNames.Unknown("model", request.Model, [.. _named.Keys]);
            }

            if (request.Count > _options.MaxRunning)
            {
                throw new PhysIntuitionException(Fault.InvalidArgument, "n", $"'n' is {request.Count}; must be in "
                    + $"[1, {_options.MaxRunning}], the completions that run together. Ask several times.");
            }

            RequirePictures(request.Prompt);
            if (_isClosed)
            {
                throw new PhysIntuitionException(Fault.Unavailable, "", "The model is closed; ask another server.");
            }

            if (Overflow(request.Count) > _options.MaxWaiting)
            {
                throw new PhysIntuitionException(Fault.LimitReached, "",
                    $"{_options.MaxWaiting} requests wait already, as many as may; ask again later, or "
                    + "start the server with a longer --queue.")
                {
                    RetryAfter = TimeSpan.FromSeconds(1),
                };
            }

            var call = new EngineCall(request, model, _policy.Encoder.Tokenizer);
            model.Users++;
            _waiting.Enqueue(call);
            Monitor.PulseAll(_gate);
            return call;
        }
    }

    /// <summary>Text may spell the tokens that stand for pictures; the model would look for pixels.</summary>
    private void RequirePictures(EncodedChat prompt)
    {
        var merge = _policy.Model.Config.Vision.SpatialMergeSize;
        var vision = prompt.Images.Sum(picture => picture.Grid.Tokens(merge));
        if (prompt.Ids.Count(id => id == _policy.Model.Config.ImageTokenId || id == _policy.Model.Config.VideoTokenId)
            != vision)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "messages", "'messages' spell <|image_pad|> or "
                + "<|video_pad|>, which stand for a picture's tokens; leave them out of the text.");
        }
    }

    /// <summary>Requests that would find no place now, one of so many completions with them.</summary>
    private int Overflow(int count)
    {
        var (places, overflow) = (_options.MaxRunning - _running, 0);
        foreach (var wanted in _waiting.Select(call => call.Request.Count).Append(count))
        {
            places -= wanted;
            overflow += places < 0 ? 1 : 0;
        }

        return overflow;
    }

    private static async IAsyncEnumerable<CompletionPart> ReadAsync(
        EngineCall call, [EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            await foreach (var part in call.Parts.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                yield return part;
            }
        }
        finally
        {
            call.Cancel();   // whoever stops reading wants no more
        }
    }

    private async Task DoAsync(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            _jobs.Enqueue(() =>
            {
                try
                {
                    work();
                    done.SetResult();
                }
                catch (Exception failed)
                {
                    done.SetException(failed);
                }
            });
            Monitor.PulseAll(_gate);
        }

        await done.Task.ConfigureAwait(false);
    }

    private void Run()
    {
        using var off = no_grad();
        while (Next() is { } next)
        {
            Array.ForEach(next.Jobs, job => job());
            foreach (var group in next.Calls.GroupBy(call => call.Model))
            {
                Guarded(group.Key, [.. group], () => Begin(group.Key, [.. group]));
            }

            foreach (var model in _served.Where(model => model.Calls.Count > 0).ToArray())
            {
                Guarded(model, [.. model.Calls], () => Step(model));
            }

            Retire();
        }

        Close();
    }

    /// <summary>Waits for work; null once the engine is closed.</summary>
    private (Action[] Jobs, EngineCall[] Calls)? Next()
    {
        lock (_gate)
        {
            while (!_isClosed && _waiting.Count == 0 && _jobs.Count == 0 && _running == 0)
            {
                Monitor.Wait(_gate);
            }

            if (_isClosed)
            {
                return null;
            }

            Action[] jobs = [.. _jobs];
            _jobs.Clear();
            return (jobs, Admit());
        }
    }

    /// <summary>As many of those that wait as there are places, in their order.</summary>
    private EngineCall[] Admit()
    {
        var (admitted, tokens) = (new List<EngineCall>(), 0);
        while (_waiting.TryPeek(out var call))
        {
            if (call.IsCancelled)
            {
                _waiting.Dequeue().Model.Users--;
                continue;
            }

            tokens += call.Request.Prompt.Ids.Length;
            if (_running + call.Request.Count > _options.MaxRunning
                || (admitted.Count > 0 && tokens > _options.PromptTokensTogether))
            {
                break;
            }

            admitted.Add(_waiting.Dequeue());
            call.Begin();
            _running += call.Open;
        }

        return [.. admitted];
    }

    private void Begin(ServedModel model, EngineCall[] calls)
    {
        Use(model);
        var (batch, pixels) = _policy.Batch([.. calls.Select(call => call.Request.Prompt)]);
        using var owned = batch;
        using var ownedPixels = pixels;
        model.Calls.AddRange(calls);
        model.Batch.Add(batch, [.. calls.Select(call => call.Running)]);
        Array.ForEach(calls, Take);
    }

    private void Step(ServedModel model)
    {
        foreach (var call in model.Calls.Where(call => call.IsCancelled).ToArray())
        {
            End(call, failure: null);
        }

        if (model.Batch.Completions.Any())
        {
            Use(model);
            model.Batch.Step();
            Array.ForEach([.. model.Calls], Take);
        }
    }

    /// <summary>Takes the tokens that were drawn for a call's completions.</summary>
    private void Take(EngineCall call)
    {
        var (open, model) = (call.Open, call.Model);
        var stops = call.Request.IgnoresStopTokens ? [] : _policy.StopTokens;
        foreach (var running in call.Running.Where(model.Batch.Contains).ToArray())
        {
            if (call.Take(Array.IndexOf(call.Running, running), stops))
            {
                model.Batch.Remove(running);
            }
        }

        Left(call, open - call.Open);
    }

    private void End(EngineCall call, Exception? failure)
    {
        Array.ForEach(call.Running, call.Model.Batch.Remove);
        var open = call.Open;
        call.End(failure);
        Left(call, open);
    }

    private void Left(EngineCall call, int completions)
    {
        lock (_gate)
        {
            _running -= completions;
            if (call.Open == 0 && call.Model.Calls.Remove(call))
            {
                call.Model.Users--;
            }
        }
    }

    /// <summary>A failure ends the calls that met it; the engine goes on.</summary>
    private void Guarded(ServedModel model, EngineCall[] calls, Action work)
    {
        try
        {
            using var scope = NewDisposeScope();
            work();
        }
        catch (Exception failed)
        {
            foreach (var call in calls.Where(call => call.Open > 0))
            {
                if (!model.Calls.Contains(call))
                {
                    model.Calls.Add(call);   // it failed before it ran
                }

                End(call, ExceptionDispatchInfo.SetCurrentStackTrace(new InvalidOperationException(
                    $"The model failed: {failed.Message.Split('\n', 2)[0]}", failed)));
            }

            if (model.Calls.Count == 0)
            {
                model.Reset(new RunningBatch(_policy.Model));   // whatever state the failure left
            }
        }
    }

    private ServedModel ReadAdapters(string name, string folder)
    {
        _current.Adapters?.Detach();
        try
        {
            var adapters = LoraAdapters.Load(_policy.Model, folder);
            adapters.Detach();
            return new ServedModel(name, adapters, new RunningBatch(_policy.Model));
        }
        finally
        {
            _current.Adapters?.Attach();
        }
    }

    private void Use(ServedModel model)
    {
        if (_current != model)
        {
            _current.Adapters?.Detach();
            model.Adapters?.Attach();
            _current = model;
        }
    }

    /// <summary>Releases adapters that have no name and no users any more.</summary>
    private void Retire()
    {
        foreach (var model in _served.ToArray())
        {
            lock (_gate)
            {
                if (model.Users > 0 || _named.ContainsValue(model))
                {
                    continue;
                }
            }

            Use(_served[0]);
            _served.Remove(model);
            model.Dispose();
        }
    }

    private void Close()
    {
        EngineCall[] left;
        lock (_gate)
        {
            left = [.. _waiting, .. _served.SelectMany(model => model.Calls)];
            Array.ForEach([.. _jobs], job => job());
        }

        Array.ForEach(left, call => call.End(new OperationCanceledException("The model was closed.")));
        Use(_served[0]);
        foreach (var model in _served)
        {
            model.Batch.Dispose();
            if (model != _served[0])
            {
                model.Dispose();
            }
        }

        _policy.Dispose();
    }
}
