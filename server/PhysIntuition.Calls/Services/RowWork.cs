using PhysIntuition.Environments.Episodes;

namespace PhysIntuition.Server.Services;

/// <summary>Calls of one environment, one after the other, in one turn of the scheduler.</summary>
/// <remarks>The worlds of each call run together with those of whatever else has its turn.</remarks>
/// <param name="environment">Whose calls.</param>
/// <param name="calls">In order; they are not queued themselves.</param>
/// <param name="told">Told of each call before the next one begins; if it throws, no other does.</param>
internal sealed class RowWork(
    HostedEnvironment environment, IReadOnlyList<RowCall> calls, Action<RowCall> told)
    : Work<bool>(environment.Lane, calls.Sum(call => call.Work.Weight), CancellationToken.None), IPendingWorlds
{
    private int _next;
    private Work? _running;   // its worlds are pending
    private IPendingWorlds? _pending;

    /// <inheritdoc/>
    public IReadOnlyList<Counterfactual> Pending => _pending?.Pending ?? [];

    public override IPendingWorlds? Begin()
    {
        GoOn();
        return this;
    }

    /// <inheritdoc/>
    public int AddAhead(int worlds) => _pending?.AddAhead(worlds) ?? 0;

    /// <inheritdoc/>
    public bool Resume()
    {
        try
        {
            if (!_pending!.Resume())
            {
                return false;
            }

            End(null);
        }
        catch (Exception failure) when (_running is not null)
        {
            End(failure);
        }

        return GoOn();
    }

    public override void Finish()
    {
    }

    public override void Failed(Exception failure)
    {
        _running?.Failed(failure);
        base.Failed(failure);
    }

    protected override bool Answer() => true;

    // Begins calls until one has worlds to simulate; whether none is left.
    private bool GoOn()
    {
        while (_running is null && _next < calls.Count)
        {
            Exception? refusal = null;
            _running = calls[_next].Work;
            try
            {
                _pending = _running.Begin();
            }
            catch (Exception failure)
            {
                refusal = failure;
            }

            if (_pending is not { Pending.Count: > 0 } || refusal is not null)
            {
                End(refusal);
            }
        }

        return _running is null;
    }

    private void End(Exception? refusal)
    {
        var work = _running!;
        try
        {
            if (refusal is null)
            {
                work.Finish();
            }
        }
        catch (Exception failure)
        {
            refusal = failure;
        }

        (_running, _pending) = (null, null);
        if (refusal is null)
        {
            work.Done();
        }
        else
        {
            work.Failed(refusal);
        }

        told(calls[_next++]);
    }
}

/// <summary>A call of a row.</summary>
/// <param name="Request">As it came.</param>
/// <param name="Work">What carries it out.</param>
/// <param name="Reply">Once it is carried out: its reply, or throws why it was refused.</param>
internal sealed record RowCall(RunRequest Request, Work Work, Func<Held<RunReply>> Reply);
