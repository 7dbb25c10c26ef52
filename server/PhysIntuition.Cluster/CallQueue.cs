using PhysIntuition.V1;
using Call = PhysIntuition.V1.RunRequest.CallOneofCase;

namespace PhysIntuition.Server.Cluster;

/// <summary>Calls of one environment: one batch travels, and what comes meanwhile goes with the next.</summary>
/// <param name="send">Carries a batch out.</param>
/// <param name="ended">Told once nothing waits or travels any more; no calls are taken then.</param>
/// <param name="capacity">Calls that may wait.</param>
internal sealed class CallQueue(Func<RunRequest[], Task<byte[][]>> send, Action ended, int capacity)
{
    private const int LargestBatch = 64;

    private readonly Lock _lock = new();
    private readonly Queue<(RunRequest Request, TaskCompletionSource<RunReply> Reply)> _waiting = [];
    private bool _isSending, _hasEnded;

    /// <summary>Adds a call.</summary>
    /// <returns>Its reply; null: the queue has ended, another must be taken.</returns>
    public Task<RunReply>? Add(RunRequest request)
    {
        // Goes on where the replies come in, so that those of an environment keep their order.
        var reply = new TaskCompletionSource<RunReply>();
        lock (_lock)
        {
            if (_hasEnded)
            {
                return null;
            }

            if (_waiting.Count >= capacity)
            {
                Throw.LimitReached($"{LimitOptions.Section}:{nameof(LimitOptions.MaxRequestsPerSession)}", capacity,
                    "request places of this session", TimeSpan.FromMilliseconds(50));
            }

            _waiting.Enqueue((request, reply));
            if (_isSending)
            {
                return reply.Task;
            }

            _isSending = true;
        }

        _ = SendAsync();
        return reply.Task;
    }

    private async Task SendAsync()
    {
        while (Take() is { Count: > 0 } batch)
        {
            try
            {
                var replies = await send([.. batch.Select(call => call.Request)]);
                for (var i = 0; i < batch.Count; i++)
                {
                    batch[i].Reply.SetResult(RunReply.Parser.ParseFrom(replies[i]));
                }
            }
            catch (Exception failure)
            {
                batch.ForEach(call => call.Reply.TrySetException(failure));
            }
        }

        ended();
    }

    private List<(RunRequest Request, TaskCompletionSource<RunReply> Reply)> Take()
    {
        var batch = new List<(RunRequest Request, TaskCompletionSource<RunReply> Reply)>();
        lock (_lock)
        {
            while (batch.Count < LargestBatch && _waiting.TryPeek(out var next) &&
                (batch.Count == 0 || !IsAlone(next.Request) && !IsAlone(batch[0].Request)))
            {
                batch.Add(_waiting.Dequeue());
            }

            (_isSending, _hasEnded) = (batch.Count > 0, batch.Count == 0);
        }

        return batch;
    }

    // What opens or closes an environment concerns its session.
    private static bool IsAlone(RunRequest request) => request.CallCase is Call.Create or Call.Fork or Call.Close;
}
