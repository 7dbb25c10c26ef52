using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Players;
using PhysIntuition.Faults;
using PhysIntuition.Rendering;
using PhysIntuition.Server;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.Server.Services;
using PhysIntuition.Server.Sessions;
using PhysIntuition.Simulation;

namespace PhysIntuition.Evaluation;

/// <summary>Environments in this process: the same calls as over the wire, without a wire.</summary>
public sealed class LocalClient : IEnvironmentClient
{
    // Whoever runs the process owns the machine.
    private static readonly LimitOptions s_limits = new()
    {
        MaxEnvironmentsPerSession = 1_000_000,
        MaxSlotsPerEnvironment = 1_000_000,
        MaxSlotsPerSession = 100_000_000,
        MaxSlots = 100_000_000,
        MaxMessageBytes = int.MaxValue - 64,
        MaxTextBytes = 64_000_000,
        MaxScoreAnswers = 1_000_000,
        MaxBufferBytesPerSession = long.MaxValue,
    };

    private readonly LocalEngine _engine = new(new EngineOptions(), s_limits, TaskInfos.All(s_limits));
    private readonly Session _session;

    /// <summary>Opens a session of its own engine.</summary>
    public LocalClient()
    {
        _session = _engine.Open("in process");
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TaskInfo>> ListTasksAsync(CancellationToken cancellation = default) =>
        new(_engine.Description.Tasks.Tasks);

    /// <inheritdoc/>
    public ValueTask<TaskInfo> GetTaskAsync(string task, CancellationToken cancellation = default)
    {
        try
        {
            return new(_engine.Description.Task(task));
        }
        catch (PhysIntuitionException fault)
        {
            throw Told(fault);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IEnvironment> CreateAsync(
        EnvironmentSettings settings, CancellationToken cancellation = default)
    {
        var task = await GetTaskAsync(settings.Task, cancellation).ConfigureAwait(false);
        var request = Requests.From(settings with { ReplayWindow = 1 }, usesSharedMemory: false);   // nothing is lost
        var reply = await CallAsync(new RunRequest { Create = request }, cancellation).ConfigureAwait(false);
        var info = reply.Create.Environment;
        return new LocalEnvironment(
            CallAsync, task, info, _session.Find(info.Environment), _engine.Calls.Services.Scheduler);
    }

    /// <inheritdoc/>
    public async ValueTask<ScoreResult> ScoreAsync(ScoreSettings settings, CancellationToken cancellation = default)
    {
        var request = new RunRequest { Score = Requests.From(settings) };
        var reply = (await CallAsync(request, cancellation).ConfigureAwait(false)).Score;
        return new ScoreResult(
            MemoryMarshal.Cast<byte, float>(reply.Rewards.Span).ToArray(), new Observations(reply.Observations, null));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<DatasetRows> StreamDatasetAsync(
        DatasetSettings settings, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        for (var row = 0; row < settings.Count; row += settings.ChunkRows)
        {
            cancellation.ThrowIfCancellationRequested();
            var seed = settings.FirstSeed + (ulong)row;
            await using var environment = await CreateAsync(new EnvironmentSettings(settings.Task)
            {
                Split = settings.Split, Options = settings.Options, Observe = settings.Observe,
                Slots = Math.Min(settings.ChunkRows, settings.Count - row),
                Autoreset = V1.AutoresetMode.Disabled,
            }, cancellation).ConfigureAwait(false);
            var rows = await environment.ResetAsync(seed, cancellation).ConfigureAwait(false);
            ulong[] seeds = [.. Enumerable.Range(0, environment.Slots).Select(slot => seed + (ulong)slot)];
            yield return new DatasetRows(row, seeds, rows.Observations);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _engine.Close(_session);
        _engine.Dispose();
        return ValueTask.CompletedTask;
    }

    // The memory that a reply points into is never given back to be used again: whoever reads a result may keep it.
    private async Task<RunReply> CallAsync(RunRequest request, CancellationToken cancellation)
    {
        var context = new CallContext(_session, cancellation) { IsLocal = true, IsInProcess = true, RunsHere = true };
        try
        {
            return (await _engine.Calls.RunAsync(context, request).ConfigureAwait(false)).Message;
        }
        catch (PhysIntuitionException fault)
        {
            throw Told(fault);
        }
    }

    private static EnvironmentException Told(PhysIntuitionException fault) =>
        new(FaultTable.ToError(fault, reference: ""), fault);
}

/// <summary>An environment in this process, into whose scenes scripted players may look.</summary>
internal sealed class LocalEnvironment(
    Func<RunRequest, CancellationToken, Task<RunReply>> call, TaskInfo task, EnvironmentInfo info,
    HostedEnvironment hosted, Scheduler scheduler) : RemoteEnvironment(call, task, info, shared: null)
{
    /// <summary>What a scripted player answers, as text.</summary>
    /// <exception cref="NotSupportedException">The player has no rule for the task.</exception>
    public string Play(IPlayer player, QuestionPlace place, int pictureSize)
    {
        var work = new PlayWork(hosted, player, place, pictureSize);
        scheduler.RunOrSubmit(work, prepares: false);
        return work.Reply.GetAwaiter().GetResult();
    }

    // In the environment's lane: nothing else moves its batch meanwhile.
    private sealed class PlayWork(HostedEnvironment hosted, IPlayer player, QuestionPlace place, int pictureSize)
        : Work<string>(hosted.Lane, 1, CancellationToken.None)
    {
        private string _answer = "";

        public override IPendingWorlds? Begin() => null;

        public override void Finish()
        {
            var batch = hosted.Batch;
            var picture = player.NeedsPicture ? batch.View.Picture(place.Slot, pictureSize) : null;
            var random = new RandomStream(place.Seed, (ulong)place.Turn);
            var answer = player.Answer(batch.Task, batch.EpisodeFor(place.Slot), picture, random);
            _answer = answer.IsLegal
                ? AnswerText.Write(answer, batch.Task.Spec.Answer, batch.EpisodeFor(place.Slot).Options.Form)
                : throw new NotSupportedException($"The player '{player.Name}' does not play {place.Task}.");
        }

        protected override string Answer() => _answer;
    }
}
