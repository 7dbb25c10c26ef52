using Google.Protobuf;

namespace PhysIntuition.Client;

/// <summary>What brings an environment back in another session: its last snapshot and the calls since.</summary>
/// <remarks>
/// Calls since a seeded reset of all slots are enough; where there is none for long, a snapshot takes the place of what
/// came before it.
/// </remarks>
/// <param name="create">How it was opened, or how its origin was.</param>
/// <param name="slots">Its slots.</param>
internal sealed class History(CreateRequest create, int slots)
{
    /// <summary>Calls between snapshots.</summary>
    public const int Every = 256;

    private const int Largest = 1 << 20;   // bytes of calls that are kept at most, but for the last one

    private readonly bool[] _open = new bool[slots];
    private readonly bool[] _isKnown = new bool[slots];   // further seeds follow from what is kept
    private readonly bool[] _isHeld = new bool[slots];   // by the snapshot
    private readonly List<(RunRequest Request, ReplyOutcome Outcome)> _calls = [];
    private ByteString? _snapshot;
    private bool _hasOtherOptions;
    private int _wait = Every, _bytes;

    /// <summary>How it was opened, or how its origin was.</summary>
    public CreateRequest Create => create;

    /// <summary>The environment's number at the server.</summary>
    public uint Number { get; set; }

    /// <summary>How far the client's step numbers are ahead of the server's.</summary>
    public ulong Shift { get; private set; }

    /// <summary>A snapshot of it is under way.</summary>
    public bool IsBeingCaptured { get; set; }

    /// <summary>Why it cannot be brought back; null: it can.</summary>
    public EnvironmentException? Lost { get; set; }

    private ulong _last;   // step number of the last answered call, as the client counts

    /// <summary>All its slots continue from slots of another one: only a snapshot tells from where.</summary>
    public void BeginAsFork()
    {
        Array.Fill(_open, true);
        _hasOtherOptions = true;
    }

    /// <summary>Whether the server draws what nobody can repeat: nothing but a snapshot tells it.</summary>
    public bool IsDrawn(ResetRequest request) => !request.HasSeed && request.Seeds.Count == 0
        && _isKnown.Where((isKnown, slot) => !isKnown && Takes(request.Mask, slot)).Any();

    /// <summary>A call was answered.</summary>
    /// <returns>Whether a snapshot should take the place of what is kept.</returns>
    public bool Add(RunRequest request, RunReply reply, ulong stepId)
    {
        var isDrawn = request.Reset is { } reset && IsDrawn(reset);
        if (request.Step is null)
        {
            var isSeeded = request.Reset is { } seeded && (seeded.HasSeed || seeded.Seeds.Count > 0);
            Begin(request.Reset?.Mask ?? request.Restore.Mask, isSeeded || request.Restore is not null);
            if (isSeeded && request.Reset!.Mask.IsEmpty && !_hasOtherOptions)
            {
                Forget();
                _snapshot = null;
            }

            _hasOtherOptions |= request.Restore is not null || request.Reset!.OptionsJson.Count > 0;
        }

        _last = stepId;
        if (!isDrawn)
        {
            _calls.Add((request, ReplyOutcome.Of(reply)));
            _bytes += request.CalculateSize();
            _wait--;
        }

        return isDrawn || _wait <= 0 || _bytes > Largest;
    }

    /// <summary>How much is kept, to go back to.</summary>
    public int Mark => _calls.Count;

    /// <summary>Forgets the calls behind a mark: they are made again.</summary>
    public void GoBack(int mark, ulong lastStepId)
    {
        _calls.RemoveRange(mark, _calls.Count - mark);
        _last = lastStepId;
    }

    /// <summary>The client's number of the last answered call.</summary>
    public ulong LastStepId => _last;

    /// <summary>Asks for the state of every slot that has one.</summary>
    public SnapshotRequest Capture()
    {
        (IsBeingCaptured, _wait) = (true, Every);
        return new SnapshotRequest
        {
            Environment = Number,
            Slots = { Enumerable.Range(0, _open.Length).Where(slot => _open[slot]).Select(slot => (uint)slot) },
        };
    }

    /// <summary>A snapshot holds all that was answered so far.</summary>
    public void Keep(ByteString snapshot)
    {
        _open.CopyTo(_isKnown, 0);
        _open.CopyTo(_isHeld, 0);
        (_snapshot, _hasOtherOptions) = (snapshot, true);
        Forget();
    }

    /// <summary>Opens it again in another session and makes its calls again.</summary>
    /// <param name="call">Makes one call in that session.</param>
    /// <exception cref="EnvironmentException">The server refuses, or another outcome came.</exception>
    public async Task RebuildAsync(Func<RunRequest, Task<RunReply>> call)
    {
        var opening = create.Clone();
        (opening.CreateId, opening.Slots, opening.SharedBuffers) = (Requests.NewCreateId(), (uint)_open.Length, 0);
        Number = (await call(new RunRequest { Create = opening }).ConfigureAwait(false))
            .Create.Environment.Environment;
        ulong stepId = 0;
        if (_snapshot is not null)
        {
            await call(new RunRequest
            {
                Restore = new RestoreRequest
                {
                    Environment = Number, StepId = ++stepId, Snapshot = _snapshot, Observe = new(),
                    Mask = _isHeld.All(isHeld => isHeld) ? ByteString.Empty : Requests.Mask(_isHeld),
                },
            }).ConfigureAwait(false);
        }

        foreach (var (given, expected) in _calls)
        {
            var reply = await call(Again(given, ++stepId)).ConfigureAwait(false);
            if (!expected.Fits(ReplyOutcome.Of(reply)))
            {
                throw LostBecause($"Call {stepId} of this {create.Task} environment had another outcome than where its "
                    + "session was lost. The servers must be of the same version.");
            }
        }

        Shift = _last - stepId;
    }

    /// <summary>The session is gone and the environment cannot be brought back.</summary>
    public static EnvironmentException LostBecause(string message) => new(new Error
    {
        Code = (uint)Grpc.Core.StatusCode.NotFound, Reason = "SESSION_LOST", Message = message,
    });

    /// <summary>Without pictures: only hashes that were asked for.</summary>
    private RunRequest Again(RunRequest given, ulong stepId)
    {
        var again = given.Clone();
        var asked = given.Reset?.Observe ?? given.Step?.Observe ?? given.Restore?.Observe ?? create.Observe;
        var observe = new ObservationRequest { Names = { (asked?.Names ?? []).Where(ReplyOutcome.IsHash) } };
        if (again.Step is { } step)
        {
            (step.Environment, step.StepId, step.Observe) = (Number, stepId, observe);
        }
        else if (again.Reset is { } reset)
        {
            (reset.Environment, reset.StepId, reset.Observe) = (Number, stepId, observe);
        }
        else
        {
            (again.Restore.Environment, again.Restore.StepId, again.Restore.Observe) = (Number, stepId, observe);
        }

        return again;
    }

    private void Begin(ByteString mask, bool isKnown)
    {
        for (var slot = 0; slot < _open.Length; slot++)
        {
            if (Takes(mask, slot))
            {
                _open[slot] = true;
                _isKnown[slot] |= isKnown;
            }
        }
    }

    private static bool Takes(ByteString mask, int slot) => mask.IsEmpty || (slot < mask.Length && mask[slot] != 0);

    private void Forget()
    {
        _calls.Clear();
        (_bytes, _wait) = (0, Every);
    }
}
