using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;
using PhysIntuition.Leaderboard;
using PhysIntuition.Simulation;

namespace PhysIntuition.Server.Tests;

/// <summary>What a model writes between the tags, for every task.</summary>
internal sealed class AnswerTarget : IFuzzTarget
{
    public IReadOnlyList<byte[]> Seeds { get; } =
        [.. TaskCatalog.All.Select(task => Encoding.UTF8.GetBytes($"I think {AnswerText.FormOf(task.Spec.Answer)}.")),
            [.. "<answer>yes</answer>"u8], [.. "<answer>(-40, 260)</answer>"u8], [.. "<answer>x = 1.5 cm</answer>"u8]];

    public Task FeedAsync(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        foreach (var task in TaskCatalog.All)
        {
            AnswerText.Read(text, task.Spec.Answer);
        }

        return Task.CompletedTask;
    }
}

/// <summary>Options of every task.</summary>
internal sealed class OptionsTarget : IFuzzTarget
{
    public IReadOnlyList<byte[]> Seeds { get; } = [.. TaskCatalog.All.Select(task =>
        Encoding.UTF8.GetBytes(OptionsReader.Write(OptionsReader.DefaultsOf(task.Spec))))];

    public Task FeedAsync(byte[] input)
    {
        var json = Encoding.UTF8.GetString(input);
        var task = TaskCatalog.All[input.Length % TaskCatalog.All.Count];
        try
        {
            OptionsReader.Read(task.Spec, json);
        }
        catch (PhysIntuitionException)
        {
            // Refused with a reason.
        }

        return Task.CompletedTask;
    }
}

/// <summary>Settings as --set gives them, one on each line.</summary>
internal sealed class SettingsTarget : IFuzzTarget
{
    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        [.. "Limits:MaxSlots=100000\nSessions:Lease=00:10:00"u8],
        [.. "Listen:Address=0.0.0.0\nListen:AllowPlaintext=true\nListen:TokenFile=x"u8],
        [.. "Engine:Lanes=8\nEngine:Threads=2\nLeaderboard:TimeLimit=1.00:00:00"u8],
    ];

    public Task FeedAsync(byte[] input)
    {
        try
        {
            var builder = new ConfigurationBuilder();
            PhysIntuition.Server.Hosting.Configuration.AddSources(builder, null,
                Encoding.UTF8.GetString(input).Split('\n').Select(
                    PhysIntuition.Server.Hosting.Configuration.ParseSetting));
            Sections.OfServer.Read(builder.Build());
        }
        catch (Exception refusal) when (refusal is PhysIntuitionException or OptionsValidationException)
        {
            // Refused with a reason.
        }

        return Task.CompletedTask;
    }
}

/// <summary>Files that people edit or send: tokens, signed results.</summary>
internal sealed class FileTarget : IFuzzTarget
{
    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        [.. """{"tokens":[{"id":"a","name":"b","hash":"c","scopes":"play","created":"2026-01-01T00:00:00Z"}]}"""u8],
        [.. """{"format":1,"request":{"method":"m","task":"t","count":2},"scenes":[],"signature":"ab"}"""u8],
        [.. """{"format":2,"publicKey":"00","signature":"ab","result":{"run":"r","scenes":[],"score":{}}}"""u8],
    ];

    public Task FeedAsync(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        Try(() => TokenFile.Parse(text, "file"));
        Try(() => ResultFile.Parse(text));
        return Task.CompletedTask;
    }

    private static void Try(Action read)
    {
        try
        {
            read();
        }
        catch (Exception refusal) when (refusal is PhysIntuitionException or JsonException)
        {
            // Refused with a reason.
        }
    }
}

/// <summary>The captured state of a slot, behind the snapshot's seal.</summary>
internal sealed class StateTarget : IFuzzTarget, IDisposable
{
    private readonly BatchSimulator _simulator = new(new SimulatorOptions { Threads = 1 });
    private readonly EnvironmentBatch _batch;

    public StateTarget()
    {
        _batch = new EnvironmentBatch(TaskCatalog.Find("Offset-v1"), new BatchOptions { Slots = 2 }, _simulator);
        _batch.Reset(1);
        var state = new System.Buffers.ArrayBufferWriter<byte>();
        _batch.Capture(0, state);
        Seeds = [state.WrittenSpan.ToArray()];
    }

    public IReadOnlyList<byte[]> Seeds { get; }

    public Task FeedAsync(byte[] input)
    {
        try
        {
            _batch.Restore(1, input);
        }
        catch (PhysIntuitionException)
        {
            // Refused with a reason.
        }

        return Task.CompletedTask;
    }

    public void Dispose() => _simulator.Dispose();
}
