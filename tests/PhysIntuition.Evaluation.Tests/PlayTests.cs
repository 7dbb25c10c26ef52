using PhysIntuition.Client;
using PhysIntuition.Evaluation.Play;

namespace PhysIntuition.Evaluation.Tests;

/// <summary>The agents of the demonstration, whether two clients met the same, and pictures for the terminal.</summary>
public sealed class PlayTests
{
    private const int Episodes = 24;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("Stability-v1", 1.0, 1.0)]
    [InlineData("Offset-v1", 9.98, 9.9)]      // whole hundredths above the top
    public async Task PlayAsync_AgentsOnTheTrainingSplit_ComeInTheirOrder(string task, double expert, double geometric)
    {
        var (best, known, chance) = (await PlayAsync(task, new ExpertAgent()), await PlayAsync(task,
            new GeometricAgent()), await PlayAsync(task, new RandomAgent()));

        Assert.All(best.Rewards, reward => Assert.InRange(reward, expert, double.PositiveInfinity));
        Assert.True(known.Score.Mean >= geometric - 0.05, $"{known.Score.Mean}");
        Assert.True(chance.Score.Mean < known.Score.Mean - 0.2, $"{chance.Score.Mean}");
        Assert.Equal(Episodes, best.SceneHashes.Distinct().Count());
        Assert.Equal(best.SceneHashes, chance.SceneHashes);   // whoever plays, a seed is a scene
    }

    [Fact]
    public async Task PlayAsync_RandomAgentTwice_GivesTheSameAnswers() => Assert.Equal(
        (await PlayAsync("Offset-v1", new RandomAgent())).Rewards,
        (await PlayAsync("Offset-v1", new RandomAgent())).Rewards);

    [Fact]
    public async Task Check_ResultsOfTwoClients_AreEqualOrTheDifferenceIsNamed()
    {
        var own = await PlayAsync("Stability-v1", new ExpertAgent());
        var other = own with { Client = "Python" };

        Assert.Contains("hash by hash", Agreement.Check([own, other]));
        Assert.Contains("Stability-v1: the clients met different scenes", Assert.Throws<PlayException>(
            () => Agreement.Check([own, other with { SceneHashes = [.. own.SceneHashes.Reverse()] }])).Message);
        Assert.Contains("the clients got different outcomes", Assert.Throws<PlayException>(
            () => Agreement.Check([own, other with { OutcomeHashes = [.. own.OutcomeHashes.Reverse()] }])).Message);
    }

    [Fact]
    public async Task PlayAsync_StoppedWhileItWaitsForALine_EndsAtOnce()
    {
        using var folder = new TemporaryFolder();
        using var input = new SilentInput();
        using var stop = new CancellationTokenSource();
        await using var client = new LocalClient();
        await using var environment = await client.CreateAsync(new EnvironmentSettings("Stability-v1")
        {
            Autoreset = V1.AutoresetMode.Disabled, Observe = new Observe("rgb", "prompt", "info"),
        });
        var before = Console.In;
        Console.SetIn(input);
        try
        {
            var played = new Tabletop(environment, new DirectoryInfo(folder.Root)).PlayAsync(seed: 0, stop.Token);
            await input.Asked.WaitAsync(s_patience);
            Assert.False(played.IsCompleted);

            await stop.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => played.WaitAsync(s_patience));
        }
        finally
        {
            Console.SetIn(before);
        }
    }

    [Fact]
    public void Draw_FourPixels_AreTwoHalfBlocksOfTheirColours()
    {
        // Red over green on the left, blue over white on the right.
        byte[] rgb = [255, 0, 0, 0, 0, 255, 0, 255, 0, 255, 255, 255];

        Assert.Equal(
            "\e[38;2;255;0;0m\e[48;2;0;255;0m▀\e[38;2;0;0;255m\e[48;2;255;255;255m▀\e[0m\n",
            HalfBlocks.Draw(rgb, width: 2, columns: 2));
    }

    [Fact]
    public void Draw_FewerColumnsThanPixels_ShowsTheirMeans()
    {
        // Two black and two bright columns of four rows become a black and a bright one of one line.
        byte[] rgb = [.. Enumerable.Range(0, 16).SelectMany(i => Enumerable.Repeat((byte)(i % 4 < 2 ? 0 : 200), 3))];

        Assert.Equal(
            "\e[38;2;0;0;0m\e[48;2;0;0;0m▀\e[38;2;200;200;200m\e[48;2;200;200;200m▀\e[0m\n",
            HalfBlocks.Draw(rgb, width: 4, columns: 2));
    }

    private static async Task<AgentResult> PlayAsync(string task, IAgent agent)
    {
        await using var client = new LocalClient();

        return await CSharpPlayer.PlayAsync(client, task, agent, Episodes);
    }

    /// <summary>A terminal at which nobody writes a line.</summary>
    private sealed class SilentInput : TextReader
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _end = new();

        /// <summary>Done once somebody waits for a line.</summary>
        public Task Asked => _asked.Task;

        public override string? ReadLine()
        {
            _asked.TrySetResult();
            _end.Wait();
            return null;
        }

        protected override void Dispose(bool disposing) => _end.Set();
    }
}
