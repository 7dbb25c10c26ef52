using PhysIntuition.Client;
using PhysIntuition.Faults;
using PhysIntuition.Server.Tests;
using PhysIntuition.V1;

namespace PhysIntuition.Evaluation.Tests;

public sealed class InProcessTests : IAsyncDisposable
{
    private static readonly EnvironmentSettings s_offset = new("Offset-v1")
    {
        Slots = 2, Autoreset = AutoresetMode.Disabled, Observe = new Observe("rgb") { Width = 32, Height = 32 },
    };

    private readonly LocalClient _client = new();

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Fact]
    public async Task Play_OfEveryKind_GivesWhatAServerGives()
    {
        await using var server = await RunningServer.StartAsync();
        await using var remote = await PhysIntuitionClient.ConnectAsync(
            new ClientOptions { Address = server.Address }).WaitAsync(RunningServer.Patience);

        Assert.Equal(await PlayAsync(remote), await PlayAsync(_client));
    }

    [Fact]
    public async Task Step_AfterARefusedOne_IsCarriedOut()
    {
        await using var environment = await Soon(_client.CreateAsync(s_offset));
        await Soon(environment.ResetAsync(7));

        var refused = await Assert.ThrowsAsync<EnvironmentException>(
            async () => await Soon(environment.StepAsync(["<answer>1</answer>"])));
        Assert.Equal("texts.answers", refused.Field);

        var step = await Soon(environment.StepAsync(["<answer>1</answer>", "<answer>2</answer>"]));
        Assert.Equal(2, step.Rewards.Length);
    }

    [Fact]
    public async Task Results_OfEarlierCalls_StayAsTheyWere()
    {
        await using var environment = await Soon(_client.CreateAsync(s_offset));
        var first = (await Soon(environment.ResetAsync(7))).Observations["rgb"].Bytes;
        var copy = first.ToArray();

        for (var seed = 100UL; seed < 108; seed++)
        {
            var later = (await Soon(environment.ResetAsync(seed))).Observations["rgb"].Bytes;
            Assert.NotEqual(copy, later.ToArray());
        }

        Assert.Equal(copy, first.ToArray());
    }

    [Fact]
    public async Task Create_WithAnUnknownOption_NamesItAndEndsAProgramAsWrongUsage()
    {
        var settings = s_offset with { Options = """{"colour": 1}""" };

        var refused = await Assert.ThrowsAsync<EnvironmentException>(
            async () => await Soon(_client.CreateAsync(settings)));

        Assert.Contains("'colour'", refused.Message);
        Assert.Equal(ExitCodes.WrongUsage, ExitCodes.Of(refused));
    }

    // Everything that results hold, as text.
    private static async Task<List<string>> PlayAsync(IEnvironmentClient client)
    {
        var seen = new List<string>();
        await using var environment = await Soon(client.CreateAsync(new EnvironmentSettings("Stability-v1")
        {
            Slots = 3, Autoreset = AutoresetMode.NextStep, SlotOptions = ["", "", ""],
            Observe = new Observe("rgb", "depth", "state", "prompt", "info", "seed") { Width = 48, Height = 32 },
        }));
        seen.Add(environment.Options);
        seen.Add($"{environment.Task.Reward} {environment.Task.Splits} {environment.Task.OptionsSchemaJson}");
        Add((await Soon(environment.ResetAsync(11))).Observations);
        for (var turn = 0; turn < 3; turn++)
        {
            var step = await Soon(environment.StepAsync(["<answer>yes</answer>", "<answer>no</answer>", "?"]));
            seen.Add(string.Join(' ', step.Rewards.ToArray()));
            seen.Add(string.Join(' ', step.Terminated.ToArray().Concat(step.Started.ToArray())));
            Add(step.Observations);
        }

        await using var fork = await Soon(environment.ForkAsync([2, 0]));
        Add(await Soon(fork.RenderAsync()));
        var state = await Soon(environment.SnapshotAsync([1]));
        Add((await Soon(environment.RestoreAsync(state, [0, 0, 0]))).Observations);
        var answers = new ScoreSettings("Stability-v1", [5, 6]) { Answers = ["yes", "no"] };
        var score = await Soon(client.ScoreAsync(answers));
        seen.Add(string.Join(' ', score.Rewards.ToArray()));
        await foreach (var rows in client.StreamDatasetAsync(
            new DatasetSettings("Stability-v1", 3, 5) { ChunkRows = 2 }, TestContext.Current.CancellationToken))
        {
            seen.Add($"{rows.FirstRow}: {string.Join(' ', rows.Seeds)}");
            Add(rows.Columns);
        }

        return seen;

        void Add(Observations observations) => seen.AddRange(observations.Select(one =>
            $"{one.Name} {one.Type} [{string.Join(' ', one.Shape)}] {Convert.ToHexString(one.Bytes.Span)} "
            + $"{string.Join(' ', one.Files.Select(file => Convert.ToHexString(file.Span)))} "
            + string.Join(' ', one.Texts)));
    }

    private static Task<T> Soon<T>(ValueTask<T> call) => call.AsTask().WaitAsync(RunningServer.Patience);
}
