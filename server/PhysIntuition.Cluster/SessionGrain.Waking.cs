using Google.Protobuf;
using Orleans;
using PhysIntuition.Faults;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Services;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Cluster;

/// <content>How a session comes back from the store.</content>
internal sealed partial class SessionGrain
{
    private const int FewSlots = 16;   // one bundle of lanes
    private const int SlotsPerRow = 1024;   // as many as the scheduler gives a turn

    private async Task AwakeAsync()
    {
        var waking = _waking ??= WakeAsync();
        try
        {
            await waking;
        }
        catch
        {
            if (ReferenceEquals(waking, _waking))
            {
                Forget(_session);
            }

            throw;
        }
    }

    private async Task WakeAsync()
    {
        _record = await _store.ReadAsync(_stored);
        if (_record is not { EndReason: "" })
        {
            return;
        }

        var start = services.Time.GetTimestamp();
        BeginSession(_record, isMoved: true);
        var (session, calls) = (_session!, 0);
        foreach (var record in _record.Environments)
        {
            calls += await ReopenAsync(session, record);
        }

        session.GoOnAfter(_record.LastEnvironment);
        foreach (var index in Enumerable.Range(0, _record.Journals).Except(_record.Environments.Select(e => e.Journal)))
        {
            var journal = new Journal(_store, index);
            await journal.ReadAsync(environment: 0);   // for the versions of its records
            _free.Push(journal);
        }

        CheckStill(session);
        var time = services.Time.GetElapsedTime(start);
        services.Metrics.Woke(time);
        Log.Woke(services.Logger, session.Id, _record.Environments.Count, calls, time.TotalMilliseconds);
    }

    private async Task<int> ReopenAsync(Session session, EnvironmentRecord record)
    {
        var journal = new Journal(_store, record.Journal);
        var (snapshot, records) = await journal.ReadAsync(record.Number);
        CheckStill(session);
        var hosted = services.Calls.Reopen(session, record.Number, PlanOf(record), record.CreateId);
        var environment = new DurableEnvironment(record, hosted, journal);
        if (snapshot is not null)
        {
            var states = services.Calls.Services.Seal.Open(snapshot.States);
            for (var i = 0; i < states.Count; i++)
            {
                hosted.Reopen(snapshot.Slots[i], states[i].Span);
            }

            hosted.Window.GoOnAfter(snapshot.LastStepId);
            (environment.Number, environment.SnapshotNumber) = (snapshot.Number, snapshot.Number);
        }

        await RepeatAsync(session, environment, records);
        _environments.Add(record.Number, environment);
        return environment.Calls;
    }

    // Each call by itself would wait for its turn among all that the server has to do.
    private async Task RepeatAsync(
        Session session, DurableEnvironment environment, List<JournalRecord> records)
    {
        var repeated = new RepeatedCalls(session.Id, environment, records, Describe);
        var length = Math.Max(1, SlotsPerRow / Math.Max(FewSlots, environment.Environment.Slots));
        foreach (var row in repeated.Requests.Chunk(length))
        {
            try
            {
                await services.Calls.RunRowAsync(environment.Environment, row, repeated.Told);
            }
            finally
            {
                CheckStill(session);   // what was ended meanwhile came to nothing
            }
        }
    }

    private EnvironmentPlan PlanOf(EnvironmentRecord record)
    {
        var limits = services.Calls.Services.Quota.Limits;
        var plan = EnvironmentPlan.From(CreateRequest.Parser.ParseFrom(record.Create), limits) with
        {
            Seed = record.Seed,
            SharedBuffers = 0,
        };
        return record.Forks.Aggregate(plan, (before, fork) =>
            before.ToForkPlan(fork.Slots, ForkRequest.Parser.ParseFrom(fork.Request), limits));
    }

    private static bool IsSmall(StepRequest step) =>
        !step.Mask.IsEmpty && step.Mask.Length - step.Mask.Span.Count((byte)0) <= FewSlots;

    private static RunRequest Parse(byte[] request) => RunRequest.Parser.ParseFrom(request);

    // A refusal is a reply like any other. What little asks is done at once; more would hold up other environments.
    private async Task<Held<RunReply>> CarryOutAsync(Session session, RunRequest request, bool isAlone)
    {
        try
        {
            var runsHere = isAlone && request.CallCase == RunRequest.CallOneofCase.Step && IsSmall(request.Step);
            return await services.Calls.RunAsync(new CallContext(session) { RunsHere = runsHere }, request);
        }
        catch (PhysIntuitionException refusal)
        {
            return new(new RunReply { Error = Describe(refusal) });
        }
    }
}
