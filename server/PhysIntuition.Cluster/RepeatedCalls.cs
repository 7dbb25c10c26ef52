using Google.Protobuf;
using PhysIntuition.Faults;
using PhysIntuition.Server.Services;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Cluster;

/// <summary>What an environment did since its snapshot, done again and compared with what was stored.</summary>
/// <param name="session">Whose.</param>
/// <param name="environment">As it was at its snapshot.</param>
/// <param name="records">Since.</param>
/// <param name="describe">What a refusal is told as.</param>
internal sealed class RepeatedCalls(
    string session, DurableEnvironment environment, List<JournalRecord> records, Func<Exception, Error> describe)
{
    private OutcomeHash _hash = new();
    private Dictionary<int, byte[]> _unnumbered = [];
    private int _record, _place;   // of the call that is told of next

    /// <summary>The calls. Pictures are drawn again only for replies that somebody may still ask for.</summary>
    public IEnumerable<RunRequest> Requests
    {
        get
        {
            var all = records.Select(record =>
                (Record: record, Requests: record.Requests.Select(RunRequest.Parser.ParseFrom).ToArray())).ToList();
            var last = all.SelectMany(known => known.Requests).Select(request => request.StepId).Append(0ul).Max();
            var window = (ulong)environment.Environment.Window.Capacity;
            return all.SelectMany(known => known.Requests.Select(request => request.StepId switch
            {
                0 => known.Record == records[^1],
                var number => number + window > last,
            }
                ? request
                : WithoutObservations(request)));
        }
    }

    /// <summary>A call was carried out again.</summary>
    /// <exception cref="PhysIntuitionException">It came to something else.</exception>
    public void Told(RowCall call)
    {
        var record = records[_record];
        using var reply = ReplyOf(call);
        _hash.Add(reply.Message);
        if (record == records[^1] && call.Request.StepId == 0)
        {
            _unnumbered.Add(record.Places[_place], reply.Message.ToByteArray());
        }

        if (++_place == record.Requests.Length)
        {
            Compare(record);
            (_record, _place, _hash) = (_record + 1, 0, new OutcomeHash());
        }
    }

    private void Compare(JournalRecord record)
    {
        if (_hash.Of(environment.Environment.Batch) != record.Hash)
        {
            throw new PhysIntuitionException(Fault.Unavailable, "",
                $"Environment {record.Environment} of session '{session}' came to another state when " +
                "its calls were carried out again: the servers of the cluster differ in version or settings. Start " +
                "them alike, then repeat the call.")
            {
                Reason = "DIVERGED",
            };
        }

        (environment.Number, environment.Last) = (record.Number, (record.Batch, _unnumbered));
        environment.Calls += record.Requests.Length;
    }

    private Held<RunReply> ReplyOf(RowCall call)
    {
        try
        {
            return call.Reply();
        }
        catch (PhysIntuitionException refusal)
        {
            return new(new RunReply { Error = describe(refusal) });
        }
    }

    private static RunRequest WithoutObservations(RunRequest request)
    {
        switch (request.CallCase)
        {
            case RunRequest.CallOneofCase.Reset:
                request.Reset.Observe = new ObservationRequest();
                break;
            case RunRequest.CallOneofCase.Step:
                request.Step.Observe = new ObservationRequest();
                break;
            case RunRequest.CallOneofCase.Restore:
                request.Restore.Observe = new ObservationRequest();
                break;
        }

        return request;
    }
}
