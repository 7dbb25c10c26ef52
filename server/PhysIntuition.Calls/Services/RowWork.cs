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
        }
        catch (Exception failure)
        {
            _running!.Fail(failure);
        }

        End();
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
            _running = calls[_next].Work;
            _pending = _running.TryBegin();
            if (_pending is not { Pending.Count: > 0 })
            {
                End();
            }
        }

        return _running is null;
    }

    private void End()
    {
        var work = _running!;
        work.TryFinish();
        (_running, _pending) = (null, null);
        work.Tell();
        told(calls[_next++]);
    }
}

/// <summary>A call of a row.</summary>
/// <param name="Request">As it came.</param>
/// <param name="Work">What carries it out.</param>
/// <param name="Reply">Once it is carried out: its reply, or throws why it was refused.</param>
internal sealed record RowCall(RunRequest Request, Work Work, Func<Held<RunReply>> Reply);
