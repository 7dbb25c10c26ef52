using System.Runtime.InteropServices;
using PhysIntuition.Environments.Observations;

namespace PhysIntuition.Server.Trainers;

/// <summary>One environment with one slot, in OpenEnv's words. One call at a time.</summary>
/// <param name="calls">What it calls.</param>
/// <param name="session">Its session.</param>
/// <param name="task">Which task is played.</param>
internal sealed class OpenEnvEpisode(EnvironmentCalls calls, Session session, ITask task)
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private ITask _task = task;
    private uint _environment;
    private string _episodeId = "";
    private bool _showsMessages;
    private int _steps;

    /// <summary>The session that pays for it.</summary>
    public Session Session => session;

    /// <summary>Draws the scene as it stands.</summary>
    /// <param name="width">Pixels; null: 224.</param>
    /// <param name="height">Pixels; null: 224.</param>
    /// <param name="cancellation">Fires when nobody waits any more.</param>
    /// <returns>A PNG file.</returns>
    public Task<byte[]> RenderAsync(uint? width, uint? height, CancellationToken cancellation) =>
        AloneAsync(async () =>
        {
            ThrowIfNotBegun("render");
            var request = new RenderRequest
            {
                Environment = _environment, Observe = Picture(width, height, "rgb"),
            };
            var reply = await RunAsync(call => calls.RenderAsync(call, request), cancellation);
            return reply.Observations[0].Pictures.Files[0].ToByteArray();
        }, cancellation);

    /// <summary>Starts an episode; one that is refused leaves the episode before it as it is.</summary>
    /// <param name="data">Which, and how it is shown.</param>
    /// <param name="cancellation">Fires when nobody waits any more.</param>
    /// <param name="another">Task to play from now on; null: the same.</param>
    public Task<OpenEnvReply> ResetAsync(OpenEnvReset data, CancellationToken cancellation, ITask? another = null) =>
        AloneAsync(async () =>
        {
            Create(data, another ?? _task);
            var request = new ResetRequest { Environment = _environment };
            if (data.Seed is { } seed)
            {
                request.Seed = seed;
            }

            var reply = await RunAsync(call => calls.ResetAsync(call, request), cancellation);
            (_steps, _episodeId) = (0, data.EpisodeId ?? Guid.NewGuid().ToString());
            _showsMessages = data.Messages is not null;
            return ToReply(reply.Observations, reward: null, isTerminated: false, isTruncated: false);
        }, cancellation);

    /// <summary>Answers.</summary>
    /// <param name="answer">As a player writes it.</param>
    /// <param name="cancellation">Fires when nobody waits any more.</param>
    public Task<OpenEnvReply> StepAsync(string answer, CancellationToken cancellation) =>
        AloneAsync(async () =>
        {
            ThrowIfNotBegun("step");
            var request = new StepRequest
            {
                Environment = _environment, Texts = new TextActions { Answers = { answer } },
            };
            var reply = await RunAsync(call => calls.StepAsync(call, request), cancellation);
            _steps++;
            var reward = MemoryMarshal.Cast<byte, float>(reply.Rewards.Span)[0];
            return ToReply(reply.Observations, reward, reply.Terminated[0] != 0, reply.Truncated[0] != 0);
        }, cancellation);

    /// <summary>Where the episode stands.</summary>
    public OpenEnvState State() => new(_episodeId, _steps);

    private async Task<T> AloneAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            return await work();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private void Create(OpenEnvReset data, ITask task)
    {
        if (data.Messages is { } kind && (kind.Length == 0 || !ChatHistory.TryParse(kind, out _)))
        {
            throw OpenEnvFault.Invalid("messages", $"'messages' is '{kind}'; {ChatHistory.Rule}. Send one of these.");
        }

        string[] shown = data.Messages is null ? ["rgb", "prompt", "info"] : ["rgb", "prompt", "info", "messages"];
        var observe = Picture(data.Width, data.Height, shown);
        observe.History = data.Messages ?? "";
        var created = calls.Create(new CallContext(session), new CreateRequest
        {
            Task = task.Spec.Id,
            Split = data.Split ?? "",
            OptionsJson = data.Options?.ToJsonString() ?? "",
            Autoreset = AutoresetMode.Disabled,
            Observe = observe,
        }).Environment.Environment;
        if (_environment != 0)
        {
            session.Remove(_environment);   // only now: a reset that is refused leaves the episode as it is
        }

        (_environment, _task) = (created, task);
    }

    private static ObservationRequest Picture(uint? width, uint? height, params string[] names) => new()
    {
        Names = { names },
        Encoding = PictureEncoding.Png,
        Width = width ?? 0,
        Height = height ?? 0,
    };

    private void ThrowIfNotBegun(string call)
    {
        if (_environment == 0)
        {
            Throw.OutOfOrder(call, "OUT_OF_ORDER", "There is no episode yet. Send reset first.");
        }
    }

    private async Task<T> RunAsync<T>(
        Func<CallContext, Task<Held<T>>> call, CancellationToken cancellation)
    {
        session.Enter();
        try
        {
            // The page goes at once: the next call, which may reuse it, comes after this one's answer is written.
            using var reply = await call(new CallContext(session, cancellation));
            return reply.Message;
        }
        finally
        {
            session.Leave();
        }
    }

    private OpenEnvReply ToReply(
        IEnumerable<Observation> observations, float? reward, bool isTerminated, bool isTruncated)
    {
        var seen = observations.ToDictionary(observation => observation.Name);
        return new OpenEnvReply(
            new OpenEnvObservation(
                seen["prompt"].Texts.Values[0], seen["rgb"].Pictures.Files[0].ToByteArray(), isTerminated, isTruncated)
            {
                Messages = _showsMessages ? JsonNode.Parse(seen["messages"].Texts.Values[0])!.AsArray() : null,
            },
            reward, isTerminated || isTruncated,
            JsonSerializer.Deserialize(seen["info"].Texts.Values[0], SlotInfo.Json.SlotInfo)!);
    }
}
