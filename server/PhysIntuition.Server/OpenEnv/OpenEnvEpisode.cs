using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Server.Services;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;

namespace PhysIntuition.Server.OpenEnv;

/// <summary>One environment with one slot, in OpenEnv's words. One call at a time.</summary>
/// <param name="calls">What it calls.</param>
/// <param name="session">Its session.</param>
/// <param name="task">Which task is played.</param>
internal sealed class OpenEnvEpisode(EnvironmentCalls calls, Session session, ITask task)
{
    private static readonly string[] s_resetFields = ["seed", "episode_id", "split", "options", "width", "height"];

    private static readonly string[] s_renderFields = ["width", "height"];

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private ITask _task = task;
    private uint _environment;
    private string _episodeId = "";
    private int _steps;

    /// <summary>The session that pays for it.</summary>
    public Session Session => session;

    /// <summary>Plays another task from the next reset on.</summary>
    public void Choose(string id) => _task = TaskCatalog.Find(id);

    /// <summary>Draws the scene as it stands.</summary>
    /// <param name="data">width, height; anything else is refused.</param>
    /// <param name="cancellation">Fires when nobody waits any more.</param>
    /// <returns>Base64 of a PNG file.</returns>
    public async Task<string> RenderAsync(JsonObject data, CancellationToken cancellation)
    {
        Refuse(data, s_renderFields, "render");
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            ThrowIfNotBegun("render");
            var reply = await RunAsync(new RunRequest
            {
                Render = new RenderRequest { Environment = _environment, Observe = Picture(data, "rgb") },
            }, cancellation);
            return Convert.ToBase64String(reply.Render.Observations[0].Pictures.Files[0].Span);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Starts an episode.</summary>
    /// <param name="data">seed, episode_id, split, options, width, height; anything else is refused.</param>
    /// <param name="cancellation">Fires when nobody waits any more.</param>
    public async Task<JsonObject> ResetAsync(JsonObject data, CancellationToken cancellation)
    {
        Refuse(data, s_resetFields, "reset");
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            var episode = OpenEnvFault.Text(data, "episode_id");
            Create(data);
            var request = new ResetRequest { Environment = _environment };
            if (data["seed"] is { } seed)
            {
                request.Seed = Number(seed, "seed");
            }

            var reply = (await RunAsync(new RunRequest { Reset = request }, cancellation)).Reset;
            (_steps, _episodeId) = (0, episode ?? Guid.NewGuid().ToString());
            return ToResult(reply.Observations, reward: null, isTerminated: false, isTruncated: false);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Answers.</summary>
    /// <param name="action">{"answer": "..."}.</param>
    /// <param name="cancellation">Fires when nobody waits any more.</param>
    public async Task<JsonObject> StepAsync(JsonObject action, CancellationToken cancellation)
    {
        if (action is not { Count: 1 } || action["answer"] is not JsonValue value ||
            !value.TryGetValue<string>(out var answer))
        {
            throw OpenEnvFault.Invalid("action",
                "'action' must be an object with exactly one field, 'answer', a string. Send {\"answer\": \"...\"}.");
        }

        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            ThrowIfNotBegun("step");
            var reply = (await RunAsync(new RunRequest
            {
                Step = new StepRequest
                {
                    Environment = _environment,
                    Texts = new TextActions { Answers = { answer } },
                },
            }, cancellation)).Step;
            _steps++;
            var reward = MemoryMarshal.Cast<byte, float>(reply.Rewards.Span)[0];
            return ToResult(reply.Observations, reward, reply.Terminated[0] != 0, reply.Truncated[0] != 0);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Where the episode stands.</summary>
    public JsonObject State() => new() { ["episode_id"] = _episodeId, ["step_count"] = _steps };

    private void Create(JsonObject data)
    {
        var created = calls.Create(session, new CreateRequest
        {
            Task = _task.Spec.Id,
            Split = OpenEnvFault.Text(data, "split") ?? "",
            OptionsJson = data["options"]?.ToJsonString() ?? "",
            Autoreset = AutoresetMode.Disabled,
            Observe = Picture(data, "rgb", "prompt", "info"),
        }, isLocal: false).Environment.Environment;
        if (_environment != 0)
        {
            session.Remove(_environment);   // only now: a reset that is refused leaves the episode as it is
        }

        _environment = created;
    }

    private static ObservationRequest Picture(JsonObject data, params string[] names) => new()
    {
        Names = { names },
        Encoding = PictureEncoding.Png,
        Width = (uint)(data["width"] is { } width ? Number(width, "width", uint.MaxValue) : 0),
        Height = (uint)(data["height"] is { } height ? Number(height, "height", uint.MaxValue) : 0),
    };

    private static void Refuse(JsonObject data, string[] fields, string call)
    {
        foreach (var (name, _) in data)
        {
            if (!fields.Contains(name))
            {
                throw OpenEnvFault.Invalid(name,
                    $"'{name}' is no field of {call}; there are {string.Join(", ", fields)}. Leave it out.");
            }
        }
    }

    private void ThrowIfNotBegun(string call)
    {
        if (_environment == 0)
        {
            Faults.Throw.OutOfOrder(call, "OUT_OF_ORDER", "There is no episode yet. Send reset first.");
        }
    }

    private async Task<RunReply> RunAsync(RunRequest request, CancellationToken cancellation)
    {
        session.Enter();
        try
        {
            var outcome = new TaskCompletionSource<EnvironmentWork>(TaskCreationOptions.RunContinuationsAsynchronously);
            calls.Services.Scheduler.Submit(calls.Begin(session, request, (work, failure) =>
            {
                if (failure is null)
                {
                    outcome.SetResult(work);
                }
                else
                {
                    outcome.SetException(failure);
                }
            }, cancellation));
            var done = await outcome.Task;
            var reply = new RunReply();
            done.Fill(reply);
            done.Page?.Release();   // the next call, which may reuse it, comes after this one's answer is written
            return reply;
        }
        finally
        {
            session.Leave();
        }
    }

    private static JsonObject ToResult(
        IEnumerable<Observation> observations, float? reward, bool isTerminated, bool isTruncated)
    {
        var seen = observations.ToDictionary(observation => observation.Name);
        return new JsonObject
        {
            ["observation"] = new JsonObject
            {
                ["prompt"] = seen["prompt"].Texts.Values[0],
                ["image"] = Convert.ToBase64String(seen["rgb"].Pictures.Files[0].Span),
                ["terminated"] = isTerminated,
                ["truncated"] = isTruncated,
            },
            ["reward"] = reward,
            ["done"] = isTerminated || isTruncated,
            ["metadata"] = JsonNode.Parse(seen["info"].Texts.Values[0]),
        };
    }

    private static ulong Number(JsonNode node, string field, ulong most = ulong.MaxValue) =>
        node is JsonValue value && value.TryGetValue<ulong>(out var number) && number <= most
            ? number
            : throw OpenEnvFault.Invalid(field,
                $"'{field}' is {node.ToJsonString()}; it must be a whole number from 0 to {most}. Send one.");
}
