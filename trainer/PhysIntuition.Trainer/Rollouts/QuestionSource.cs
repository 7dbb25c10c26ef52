using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using PhysIntuition.Client;
using PhysIntuition.V1;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>Questions of one task, and the scores of answers to them.</summary>
/// <remarks>Questions are a pure function of task, options, split and seed, so a resumed run sees the same.</remarks>
public sealed class QuestionSource : IDisposable
{
    private readonly EnvironmentPool[] _pools;

    /// <summary>Opens a task.</summary>
    /// <param name="clients">Where its environments run.</param>
    /// <param name="taskId">Name with version, for example "Stability-v1".</param>
    /// <param name="optionsJson">The task's options as a JSON object; empty takes the defaults.</param>
    /// <param name="split">"train", "val", "test", or with a suite "test/tall-v1"; never held-out scenes, whose
    /// rewards are withheld.</param>
    /// <param name="pictureSize">Pixels along a picture's side.</param>
    public QuestionSource(
        EnvironmentClients clients, string taskId, string optionsJson, string split, int pictureSize)
    {
        (Split, Options) = (split, optionsJson);
        _pools = [.. clients.All.Select(client => EnvironmentPool.OpenAsync(
            client, taskId, optionsJson, split, pictureSize).GetAwaiter().GetResult())];
    }

    /// <summary>The facts about the task.</summary>
    public TaskInfo Task => _pools[0].Task;

    /// <summary>Where its scenes come from.</summary>
    public string Split { get; }

    /// <summary>The task's options as a JSON object; empty: the defaults.</summary>
    public string Options { get; }

    /// <summary>Seconds of work on arranging, settling and drawing, and on scoring, so far.</summary>
    public (double Asking, double Judging) Seconds => (
        _pools.Sum(pool => pool.Asking.TotalSeconds), _pools.Sum(pool => pool.Judging.TotalSeconds));

    /// <summary>Where a reward lies between a random player's, 0, and the expert's, 1.</summary>
    public double Success(double reward) =>
        (reward - Task.Reward.Random) / (Task.Reward.Expert - Task.Reward.Random);

    /// <summary>Asks about the scenes of consecutive seeds; servers work side by side.</summary>
    /// <param name="firstSeed">The first scene's.</param>
    /// <param name="count">Scenes.</param>
    /// <param name="options">The task's options for these scenes alone; empty keeps the source's.</param>
    public async Task<Episodes> AskAsync(ulong firstSeed, int count, string options = "") =>
        new(await AskPartsAsync(firstSeed, count, options).ConfigureAwait(false));

    /// <summary>As <see cref="AskAsync"/>, but waits.</summary>
    public Episodes Ask(ulong firstSeed, int count) => AskAsync(firstSeed, count).GetAwaiter().GetResult();

    /// <summary>What is exactly true of the scenes of consecutive seeds.</summary>
    internal SceneFacts[] Facts(ulong firstSeed, int count)
    {
        var environment = _pools[0].RentAsync(count).GetAwaiter().GetResult();
        var reset = environment.ResetAsync(new PhysIntuition.Client.ResetSettings
        {
            Seed = firstSeed, Observe = SceneFacts.Observe,
        }).AsTask().GetAwaiter().GetResult();
        _pools[0].Return(environment);
        return SceneFacts.Read(reset.Observations);
    }

    /// <summary>Closes the environments.</summary>
    public void Dispose()
    {
        foreach (var pool in _pools)
        {
            pool.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    internal Task<SceneBatch[]> AskPartsAsync(ulong firstSeed, int count, string options)
    {
        // Server k takes the k-th run of neighbouring seeds.
        var shares = Enumerable.Range(0, _pools.Length)
            .Select(k => (Start: k * count / _pools.Length, End: (k + 1) * count / _pools.Length, Pool: _pools[k]))
            .Where(share => share.End > share.Start);
        return System.Threading.Tasks.Task.WhenAll(shares.Select(share => SceneBatch.AskAsync(
            share.Pool, firstSeed + (ulong)share.Start, share.End - share.Start, options)));
    }
}

/// <summary>What is exactly true of a scene, for probes.</summary>
/// <param name="Offset">The expert's first number where the task asks for numbers, in its unit; else how far the last
/// block's centre is to the right of the first one's, m.</param>
/// <param name="Margin">How far the scene is from another outcome, block widths; 0 where that means nothing.</param>
/// <param name="Blocks">Bodies.</param>
internal sealed partial record SceneFacts(double Offset, double Margin, double Blocks)
{
    private const int BodyRows = 16, BodyColumns = 20;   // of the observation "state"

    /// <summary>What can be asked for.</summary>
    public static IReadOnlyList<string> Names { get; } = ["offset", "margin", "blocks"];

    /// <summary>Names of the observations that facts are read from.</summary>
    public static Observe Observe { get; } = new("state", "margin", "expert");

    /// <summary>A fact by name.</summary>
    public double this[string name] => name switch
    {
        "offset" => Offset, "margin" => Margin, "blocks" => Blocks,
        _ => throw new ArgumentException($"fact '{name}' is unknown; known: {string.Join(", ", Names)}."),
    };

    /// <summary>The facts of every row.</summary>
    public static SceneFacts[] Read(Observations seen)
    {
        var experts = seen["expert"].Texts;
        var margins = MemoryMarshal.Cast<byte, float>(seen["margin"].Bytes.Span).ToArray();
        return [.. Enumerable.Range(0, experts.Count).Select(row =>
            Read(MemoryMarshal.Cast<byte, float>(seen["state"].Row(row).Span), margins[row], experts[row]))];
    }

    private static SceneFacts Read(ReadOnlySpan<float> state, float margin, string expert)
    {
        var blocks = 0;
        while (blocks < BodyRows && state[blocks * BodyColumns] != 0)
        {
            blocks++;
        }

        var lean = blocks == 0 ? 0 : state[((blocks - 1) * BodyColumns) + 1] - state[1];
        var number = Number().Match(expert);
        return new SceneFacts(
            number.Success ? double.Parse(number.Value, CultureInfo.InvariantCulture) : lean,
            float.IsFinite(margin) ? margin : 0, blocks);
    }

    [GeneratedRegex(@"-?\d+(\.\d+)?")]
    private static partial Regex Number();
}
