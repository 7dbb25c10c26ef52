using Google.Protobuf;
using Orleans;
using Orleans.Concurrency;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Services;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;
using Call = PhysIntuition.V1.RunRequest.CallOneofCase;

namespace PhysIntuition.Server.Cluster;

/// <content>Calls: carried out, stored, answered, in this order.</content>
internal sealed partial class SessionGrain
{
    /// <inheritdoc/>
    public async Task<Immutable<byte[][]>> CallAsync(string token, Guid batch, Immutable<byte[][]> requests)
    {
        // Who asks again while the first try is under way waits for that one: a call may take longer than a message.
        if (!_running.TryGetValue(batch, out var replies))
        {
            _running[batch] = replies = CallAsync(token, batch, [.. requests.Value.Select(Parse)]);
        }

        try
        {
            return new(await replies);
        }
        finally
        {
            _running.Remove(batch);
        }
    }

    /// <summary>The same for a caller in this process, without a message.</summary>
    /// <exception cref="OrleansException">The session is not awake here any more.</exception>
    public Task<byte[][]> CallHereAsync(string token, Guid batch, RunRequest[] calls) => Task.Factory.StartNew(
        () => _session is null
            ? throw new OrleansException("The session has gone elsewhere; ask again.")
            : CallAsync(token, batch, calls),
        CancellationToken.None, TaskCreationOptions.DenyChildAttach, _turns).Unwrap();

    private async Task<byte[][]> CallAsync(string token, Guid batch, RunRequest[] calls)
    {
        try
        {
            var session = await AdmitAsync(token);
            services.Metrics.Called(calls.Length);
            return calls[0].CallCase switch
            {
                Call.Create => [await CreateAsync(session, calls[0].Create)],
                Call.Fork => [await ForkAsync(session, calls[0].Fork)],
                Call.Close => [await CloseAsync(session, calls[0].Close)],
                _ => await InTurnAsync(Find(session, calls[0].CalledEnvironment), environment =>
                    RunAsync(session, environment, batch, calls)),
            };
        }
        catch (Exception failure) when (failure is not OrleansException)
        {
            var called = _environments.GetValueOrDefault(calls[0].CalledEnvironment);
            var error = new RunReply { Error = await RefuseAsync(failure, called) }.ToByteArray();
            return [.. calls.Select(_ => error)];
        }
    }

    private async Task<byte[]> CreateAsync(Session session, CreateRequest request)
    {
        await _opening.WaitAsync();
        try
        {
            request.SharedBuffers = 0;   // the environment may wake on another machine
            var limits = services.Calls.Services.Quota.Limits;
            var plan = EnvironmentPlan.From(request, limits);
            CheckStill(session);
            var reply = services.Calls.Create(new CallContext(session), request, plan);
            if (!_environments.ContainsKey(reply.Environment.Environment))
            {
                await AddAsync(session, new EnvironmentRecord
                {
                    Number = reply.Environment.Environment,
                    CreateId = request.CreateId,
                    Seed = plan.Seed,
                    Create = request.ToByteArray(),
                });
            }

            return new RunReply { Create = reply }.ToByteArray();
        }
        finally
        {
            _opening.Release();
        }
    }

    private Task<byte[]> ForkAsync(Session session, ForkRequest request) =>
        InTurnAsync(Find(session, request.Environment), async origin =>
        {
            await _opening.WaitAsync();
            try
            {
                CheckStill(session);
                using var held = await services.Calls.ForkAsync(new CallContext(session), request);
                await CheckNewestAsync(session, origin);
                var number = held.Message.Environment.Environment;
                if (!_environments.ContainsKey(number))
                {
                    var fork = new ForkRecord
                    {
                        Slots = (int)held.Message.Environment.Slots,
                        Request = request.ToByteArray(),
                    };
                    await AddAsync(session, new EnvironmentRecord
                    {
                        Number = number,
                        CreateId = request.CreateId,
                        Seed = origin.Record.Seed,
                        Create = origin.Record.Create,
                        Forks = [.. origin.Record.Forks, fork],
                    });
                }

                return new RunReply { Fork = held.Message }.ToByteArray();
            }
            finally
            {
                _opening.Release();
            }
        });

    // An environment that exists from here on: its state first, if it has one, then its name.
    private async Task AddAsync(Session session, EnvironmentRecord record)
    {
        var journal = _free.TryPop(out var free) ? free : new Journal(_store, _record!.Journals++);
        record.Journal = journal.Index;
        await OrForgetAsync(session, async () =>
        {
            var environment = new DurableEnvironment(record, session.Find(record.Number), journal);
            if (record.Forks.Count > 0)
            {
                await journal.ReadAbandonedAsync();
                await journal.WriteAsync(await CaptureAsync(session, environment));
            }

            _record!.Environments.Add(record);
            _record.LastEnvironment = Math.Max(_record.LastEnvironment, record.Number);
            await StoreSessionAsync();
            _environments.Add(record.Number, environment);
        });
    }

    private async Task<byte[]> CloseAsync(Session session, CloseRequest request)
    {
        if (_environments.TryGetValue(request.Environment, out var environment))
        {
            await InTurnAsync(environment, async closing =>
            {
                // A server that was cut off still has the environment: what it would add finds nobody's record in its
                // place.
                await OrForgetAsync(session, () =>
                    closing.Journal.AddAsync(new JournalRecord { Number = closing.Number + 1 }));
                if (_environments.Remove(request.Environment))
                {
                    session.Remove(request.Environment);
                    _record!.Environments.Remove(closing.Record);
                    await StoreSessionAsync();
                    _free.Push(closing.Journal);
                }

                return 0;
            });
        }
        else
        {
            await CheckNewestAsync(session);
        }

        return new RunReply { Close = new CloseReply() }.ToByteArray();
    }

    private async Task<byte[][]> RunAsync(
        Session session, DurableEnvironment environment, Guid batch, RunRequest[] calls)
    {
        if (environment.Captured is null && environment.Calls >= services.SnapshotEvery)
        {
            environment.Captured = await CaptureAsync(session, environment);
            environment.Calls = 0;
        }

        var known = environment.Last.Name == batch ? environment.Last.Replies : [];
        var last = environment.Environment.Window.Last;
        Task<Held<RunReply>>?[] running = [.. calls.Select((call, place) =>
            known.ContainsKey(place) ? null : CarryOutAsync(session, call, isAlone: calls.Length == 1))];
        var answers = new byte[calls.Length][];
        var (hash, unnumbered, places) = (new OutcomeHash(), new Dictionary<int, byte[]>(), new List<int>());
        await OrForgetAsync(session, async () =>
        {
            for (var place = 0; place < calls.Length; place++)
            {
                if (running[place] is not { } call)
                {
                    answers[place] = known[place];
                    continue;
                }

                using var reply = await call;
                answers[place] = reply.Message.ToByteArray();
                var number = calls[place].StepId;
                if (Changes(calls[place], reply.Message) && (number == 0 || number > last))
                {
                    last = Math.Max(last, number);
                    places.Add(place);
                    hash.Add(reply.Message);
                    if (number == 0)
                    {
                        unnumbered.Add(place, answers[place]);
                    }
                }
            }

            CheckStill(session);
            if (places.Count > 0)
            {
                await StoreAsync(environment, new JournalRecord
                {
                    Environment = environment.Record.Number,
                    Number = environment.Number + 1,
                    Batch = batch,
                    Requests = [.. places.Select(place => calls[place].ToByteArray())],
                    Places = [.. places],
                    Hash = hash.Of(environment.Environment.Batch),
                });
                environment.Last = (batch, unnumbered);
            }
            else
            {
                await CheckNewestAsync(session, environment);
            }
        });
        return answers;
    }

    private async Task StoreAsync(DurableEnvironment environment, JournalRecord record)
    {
        var start = services.Time.GetTimestamp();
        await environment.Journal.AddAsync(record);
        services.Metrics.Stored(services.Time.GetElapsedTime(start));
        environment.Number = record.Number;
        environment.Calls += record.Requests.Length;
        if (environment.MayStoreCaptured)
        {
            await environment.Journal.WriteAsync(environment.Captured!);
            environment.SnapshotNumber = environment.Captured!.Number;
            environment.Captured = null;
        }
    }

    private async Task<SnapshotRecord> CaptureAsync(Session session, DurableEnvironment environment)
    {
        var hosted = environment.Environment;
        int[] open = [.. Enumerable.Range(0, hosted.Slots).Where(hosted.Batch.IsOpen)];
        var captured = new SnapshotRecord
        {
            Environment = environment.Record.Number,
            Number = environment.Number,
            LastStepId = hosted.Window.Last,
            Slots = open,
        };
        if (open.Length > 0)
        {
            var request = new SnapshotRequest { Environment = environment.Record.Number };
            request.Slots.Add(open.Select(slot => (uint)slot));
            using var held = await services.Calls.SnapshotAsync(new CallContext(session), request);
            captured.States = held.Message.Snapshot.ToByteArray();
        }

        return captured;
    }

    private async Task<T> InTurnAsync<T>(DurableEnvironment environment, Func<DurableEnvironment, Task<T>> call)
    {
        await environment.Turn.WaitAsync();
        try
        {
            if (!_environments.ContainsValue(environment))
            {
                throw new OrleansException("The session was rebuilt meanwhile; ask again.");
            }

            return await call(environment);
        }
        finally
        {
            environment.Turn.Release();
        }
    }

    // What the session does not have is refused as everywhere; what it is just opening has not been told to anybody.
    private DurableEnvironment Find(Session session, uint number) => _environments.TryGetValue(number, out var known)
        ? known
        : _environments.GetValueOrDefault(session.Find(number).Number)
            ?? throw new OrleansException("The environment is being opened; ask again.");

    // A refused call changes nothing, but for one that found no scene to go on with.
    private static bool Changes(RunRequest request, RunReply reply) =>
        request.CallCase is Call.Reset or Call.Step or Call.Restore &&
        (reply.ResultCase != RunReply.ResultOneofCase.Error || reply.Error.Field == "options");
}
