using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using PhysIntuition.Client;

namespace PhysIntuition.Conformance;

/// <summary>One session and what it has named.</summary>
internal sealed class Conversation(PhysIntuitionClient client, string control) : IAsyncDisposable
{
    private const int LongestMessage = 64;   // characters of an error's text

    private readonly Dictionary<string, (IEnvironment Environment, Observe? Observe)> _environments = [];
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _snapshots = [];

    /// <summary>Carries one step out; what it gave, or what the server said against it.</summary>
    public async Task<JsonObject> CarryOutAsync(JsonObject told)
    {
        var step = new Step(told);
        JsonObject result;
        try
        {
            result = await AskAsync(step);
        }
        catch (EnvironmentException refusal)
        {
            result = new JsonObject { ["error"] = Refusal(refusal) };
        }

        result["do"] = step.Kind;
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (environment, _) in _environments.Values)
        {
            await environment.DisposeAsync();
        }
    }

    private Task<JsonObject> AskAsync(Step step) => step.Kind switch
    {
        "task" => TaskAsync(step),
        "create" => CreateAsync(step),
        "reset" => ResetAsync(step),
        "step" => ActAsync(step, In(step)),
        "pipeline" => PipelineAsync(step),
        "cancel" => CancelAsync(step),
        "render" => RenderAsync(step),
        "snapshot" => SnapshotAsync(step),
        "restore" => RestoreAsync(step),
        "fork" => ForkAsync(step),
        "close" => CloseAsync(step),
        "score" => ScoreAsync(step),
        "dataset" => DatasetAsync(step),
        "cut" => CutAsync(step),
        _ => throw new InvalidDataException($"There is no step '{step.Kind}'."),
    };

    private static JsonObject Refusal(EnvironmentException refusal) => new()
    {
        ["code"] = (int)refusal.Code,
        ["field"] = refusal.Field,
        ["message"] = string.Concat(refusal.Message.EnumerateRunes().Take(LongestMessage)),
        ["reason"] = refusal.Reason,
    };

    private async Task<JsonObject> TaskAsync(Step step)
    {
        var task = await client.GetTaskAsync(step.Text("task", ""));
        return new JsonObject { ["id"] = task.Id, ["title"] = task.Title, ["max_steps"] = task.MaxSteps };
    }

    private async Task<JsonObject> CreateAsync(Step step)
    {
        var observe = step.Observe();
        var environment = await client.CreateAsync(new EnvironmentSettings(step.Text("task", ""))
        {
            Split = step.Text("split", "train"),
            Slots = step.Number("slots", 1),
            Options = step.Options,
            SlotOptions = step.Jsons("slot_options"),
            Autoreset = step.Autoreset,
            Outcome = step.Outcome,
            Observe = observe,
        });
        return Keep(step, environment, observe);
    }

    private async Task<JsonObject> ResetAsync(Step step)
    {
        var result = await In(step).Environment.ResetAsync(new ResetSettings
        {
            Seed = step.Seed,
            Seeds = step.Seeds,
            Mask = step.Mask,
            Options = step.Jsons("options"),
            Observe = step.Observe(In(step).Observe),
        });
        return new JsonObject { ["observations"] = Canonical.Observations(result.Observations) };
    }

    private static async Task<JsonObject> ActAsync(
        Step step, (IEnvironment Environment, Observe? Observe) target, CancellationToken cancellation = default)
    {
        var settings = new StepSettings { Mask = step.Mask, Observe = step.Observe(target.Observe) };
        var result = step.Answers is { } answers
            ? await target.Environment.StepAsync(answers, settings, cancellation)
            : await target.Environment.StepAsync(step.Actions, settings, cancellation);
        return new JsonObject
        {
            ["rewards"] = Canonical.Bytes(MemoryMarshal.AsBytes(result.Rewards)),
            ["terminated"] = Canonical.Bytes(MemoryMarshal.AsBytes(result.Terminated)),
            ["truncated"] = Canonical.Bytes(MemoryMarshal.AsBytes(result.Truncated)),
            ["started"] = Canonical.Bytes(MemoryMarshal.AsBytes(result.Started)),
            ["observations"] = Canonical.Observations(result.Observations),
            ["final"] = Canonical.Observations(result.FinalObservations),
        };
    }

    private async Task<JsonObject> PipelineAsync(Step step)
    {
        var target = In(step);
        var replies = await Task.WhenAll(step.Steps.Select(part => ActAsync(part, target)));
        return new JsonObject { ["replies"] = new JsonArray([.. replies]) };
    }

    private async Task<JsonObject> CancelAsync(Step step)
    {
        using var cancellation = new CancellationTokenSource();
        var call = ActAsync(step, In(step), cancellation.Token);
        await cancellation.CancelAsync();
        try
        {
            await call;
        }
        catch (Exception ended) when (ended is OperationCanceledException or EnvironmentException)
        {
            // As wanted; or the server was faster with its refusal.
        }

        return [];
    }

    private async Task<JsonObject> RenderAsync(Step step)
    {
        var (environment, observe) = In(step);
        var drawn = await environment.RenderAsync(step.Observe(observe, ["rgb"]), step.Numbers("slots"));
        return new JsonObject { ["observations"] = Canonical.Observations(drawn) };
    }

    private async Task<JsonObject> SnapshotAsync(Step step)
    {
        _snapshots[step.Text("as", "")] = await In(step).Environment.SnapshotAsync(step.Numbers("slots"));
        return [];
    }

    private async Task<JsonObject> RestoreAsync(Step step)
    {
        var result = await In(step).Environment.RestoreAsync(
            _snapshots[step.Text("from", "")], step.Numbers("sources"), step.Mask);
        return new JsonObject { ["observations"] = Canonical.Observations(result.Observations) };
    }

    private async Task<JsonObject> ForkAsync(Step step)
    {
        var (environment, observe) = In(step);
        return Keep(step, await environment.ForkAsync(step.Numbers("slots")), observe);
    }

    private async Task<JsonObject> CloseAsync(Step step)
    {
        await In(step).Environment.DisposeAsync();
        return [];
    }

    private async Task<JsonObject> ScoreAsync(Step step)
    {
        var settings = new ScoreSettings(step.Text("task", ""), step.Repeat(step.Seeds))
        {
            Split = step.Text("split", "train"),
            Options = step.Options,
            Answers = step.Answers,
            Turns = step.Numbers("turns") ?? [],
            Observe = step.Observe(),
        };
        var score = await client.ScoreAsync(step.Answers is null ? settings with { Numbers = step.Actions } : settings);
        return new JsonObject
        {
            ["rewards"] = Canonical.Bytes(MemoryMarshal.AsBytes(score.Rewards.Span)),
            ["observations"] = Canonical.Observations(score.Observations),
        };
    }

    private async Task<JsonObject> DatasetAsync(Step step)
    {
        var observe = step.Observe(encoding: "png")!;
        var wanted = step.Number("stop_after", int.MaxValue);
        var seeds = new List<ulong>();
        var columns = observe.Names.ToDictionary(name => name, _ => new List<(Observation, int)>());
        await foreach (var rows in client.StreamDatasetAsync(
            new DatasetSettings(step.Text("task", ""), step.FirstSeed, step.Number("count", 0))
            {
                Split = step.Text("split", "train"),
                Options = step.Options,
                Observe = observe,
            }))
        {
            var taken = Math.Min(rows.Seeds.Count, wanted - seeds.Count);
            seeds.AddRange(rows.Seeds.Take(taken));
            rows.Columns.ForEach(column => columns[column.Name].Add((column, taken)));
            if (seeds.Count == wanted)
            {
                break;
            }
        }

        return new JsonObject
        {
            ["seeds"] = new JsonArray([.. seeds.Select(seed => (JsonNode)$"{seed}")]),
            ["columns"] = new JsonArray([.. columns.Select(column => Canonical.Column(column.Key, column.Value))]),
        };
    }

    private async Task<JsonObject> CutAsync(Step step)
    {
        var parts = control.Split(':');
        using var connection = new TcpClient();
        await connection.ConnectAsync(parts[0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(step.Text("when", "now") + '\n'));
        await connection.GetStream().CopyToAsync(Stream.Null);
        return [];
    }

    private (IEnvironment Environment, Observe? Observe) In(Step step) => _environments[step.Text("in", "")];

    private JsonObject Keep(Step step, IEnvironment environment, Observe? observe)
    {
        _environments[step.Text("as", "")] = (environment, observe);
        return new JsonObject { ["slots"] = environment.Slots };
    }
}
