namespace PhysIntuition.Evaluation.Models;

/// <summary>How many requests may be in flight: fewer when the server refuses, more while it is quiet.</summary>
/// <remarks>Additive increase, multiplicative decrease, as TCP has it: a refusal halves the number, as many answers as
/// the number add one.</remarks>
/// <param name="most">Never more than this.</param>
/// <param name="start">At the beginning.</param>
public sealed class AdaptiveLimit(int most, int start = 20)
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private int _limit = Math.Min(start, most), _inFlight, _answersSince, _refusalsExpected;

    /// <summary>Requests that may be in flight now.</summary>
    public int Current => _limit;

    /// <summary>Waits until one more may be sent; dispose when it is answered.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        TaskCompletionSource? turn = null;
        lock (_gate)
        {
            if (_inFlight < _limit)
            {
                _inFlight++;
            }
            else
            {
                turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue(turn);
            }
        }

        if (turn is not null)
        {
            await using var registration = cancellation.Register(() => turn.TrySetCanceled(cancellation))
                .ConfigureAwait(false);
            await turn.Task.ConfigureAwait(false);
        }

        return new Leave(this);
    }

    /// <summary>The server said that there are too many.</summary>
    public void Refused()
    {
        lock (_gate)
        {
            // The refusals of requests that were in flight together are one sign, not many.
            if (_refusalsExpected > 0)
            {
                _refusalsExpected--;
                return;
            }

            (_refusalsExpected, _limit, _answersSince) = (_limit - 1, Math.Max(1, _limit / 2), 0);
        }
    }

    /// <summary>The server answered.</summary>
    public void Answered()
    {
        lock (_gate)
        {
            if (++_answersSince >= _limit && _limit < most)
            {
                (_limit, _answersSince, _refusalsExpected) = (_limit + 1, 0, 0);
                Admit();
            }
        }
    }

    private void Admit()
    {
        while (_inFlight < _limit && _waiting.TryDequeue(out var next))
        {
            if (next.TrySetResult())
            {
                _inFlight++;
            }
        }
    }

    private sealed class Leave(AdaptiveLimit limit) : IDisposable
    {
        public void Dispose()
        {
            lock (limit._gate)
            {
                limit._inFlight--;
                limit.Admit();
            }
        }
    }
}
