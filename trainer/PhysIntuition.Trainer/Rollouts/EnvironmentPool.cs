using System.Collections.Concurrent;
using PhysIntuition.Client;
using PhysIntuition.V1;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>Environments of one task and split behind one client, kept open by their number of slots.</summary>
internal sealed class EnvironmentPool : IAsyncDisposable
{
    private readonly IEnvironmentClient _client;
    private readonly EnvironmentSettings _settings;
    private readonly ConcurrentDictionary<int, ConcurrentBag<IEnvironment>> _free = [];
    private long _askingTicks, _judgingTicks;

    private EnvironmentPool(IEnvironmentClient client, EnvironmentSettings settings, TaskInfo task, int pictureSize)
    {
        (_client, _settings, Task, PictureSize) = (client, settings, task, pictureSize);
    }

    public TaskInfo Task { get; }

    /// <summary>Turns that an episode may have; options can ask for more than the task has by itself.</summary>
    /// <param name="options">Of these scenes; empty: the pool's.</param>
    public int MaxTurns(string options)
    {
        var given = options.Length > 0 ? options : _settings.Options;
        var json = given.Length == 0 ? null : JsonNode.Parse(given) as JsonObject;
        var asked = (json?["attempts"]?.GetValue<int>() ?? 1) + (json?["tries"]?.GetValue<int>() ?? 0);
        return Math.Max((int)Task.MaxSteps, asked);
    }

    public int PictureSize { get; }

    /// <summary>What a question consists of.</summary>
    public Observe Question => Pictures("rgb", "prompt", "expert");

    /// <summary>The same, and what became of the answer before.</summary>
    public Observe QuestionAndVerdict => Pictures("rgb", "prompt", "expert", "info");

    /// <summary>Time spent on arranging, settling and drawing so far.</summary>
    public TimeSpan Asking => new(Interlocked.Read(ref _askingTicks));

    /// <summary>Time spent on scoring so far.</summary>
    public TimeSpan Judging => new(Interlocked.Read(ref _judgingTicks));

    public static async Task<EnvironmentPool> OpenAsync(
        IEnvironmentClient client, string task, string options, string split, int pictureSize)
    {
        var info = await client.GetTaskAsync(task).ConfigureAwait(false);
        var settings = new EnvironmentSettings(task)
        {
            Split = split, Options = options, Autoreset = AutoresetMode.Disabled,
            Outcome = TerminalObservation.Question,
        };
        return new EnvironmentPool(client, settings, info, pictureSize);
    }

    public async Task<IEnvironment> RentAsync(int slots)
    {
        var free = _free.GetOrAdd(slots, _ => []);
        return free.TryTake(out var environment)
            ? environment
            : await _client.CreateAsync(_settings with { Slots = slots }).ConfigureAwait(false);
    }

    public void Return(IEnvironment environment) => _free[environment.Slots].Add(environment);

    public void AddAsking(TimeSpan time) => Interlocked.Add(ref _askingTicks, time.Ticks);

    public void AddJudging(TimeSpan time) => Interlocked.Add(ref _judgingTicks, time.Ticks);

    public async ValueTask DisposeAsync()
    {
        foreach (var environment in _free.Values.SelectMany(bag => bag))
        {
            await environment.DisposeAsync().ConfigureAwait(false);
        }
    }

    private Observe Pictures(params string[] names) => new(names) { Width = PictureSize, Height = PictureSize };
}
