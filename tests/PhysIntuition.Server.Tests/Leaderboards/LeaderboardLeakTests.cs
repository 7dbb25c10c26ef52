using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Server.Leaderboards;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests.Leaderboards;

/// <summary>Neither a clock nor a meter tells what will come of a scene.</summary>
public sealed class LeaderboardLeakTests : LeaderboardFixture
{
    [Theory]
    [InlineData("Stability-v1")]
    [InlineData("Offset-v1")]
    [InlineData("OffsetRetry-v1")]
    public async Task Answering_SimulatesNothing_SoThatItsTimeTellsNothing(string task)
    {
        var run = await OpenAsync("clock", count: 4, task);
        await ObserveAsync(run); // What is prepared is there now.
        var before = Worlds;
        for (var scene = 0u; scene < 4; scene++)
        {
            await Board.AnswerAsync(Request(run, scene, "<answer>(10, 200)</answer>"));
        }

        Assert.Equal(before, Worlds);
    }

    [Fact]
    public async Task Answering_WhereAnotherAnswerMayFollow_DrawsWhatALookWillShow()
    {
        var renderer = new CountingRenderer();
        await using var server = await RunningServer.StartAsync(
            services => services.Replace(ServiceDescriptor.Singleton<IRenderer>(renderer)),
            $"Leaderboard:Folder={Path.Combine(Folder, "drawn")}", "Leaderboard:ReplyPace=0");
        var board = new LeaderboardService.LeaderboardServiceClient(server.Channel);
        var run = await board.OpenRunAsync(new OpenRunRequest
        {
            Method = "clock", Task = "OffsetRetry-v1", Count = 1, PictureWidth = 64, PictureHeight = 64,
        });
        var look = new ObserveRunRequest { Run = run.Run, Token = run.Token, Scenes = { 0 }, Width = 64, Height = 64 };
        var unseen = await board.ObserveAsync(look);
        var before = renderer.Scenes;
        await board.AnswerAsync(Request(run, 0, "<answer>(10, 200)</answer>"));
        await Given.SoonAsync(() => renderer.Scenes > before); // Nobody has looked.

        var seen = await board.ObserveAsync(look);

        Assert.NotEqual(unseen.Prompts, seen.Prompts);
        Assert.Equal(before + 1, renderer.Scenes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task Opening_ARunOfAnyLength_SimulatesWholeGroupsOfScenes(int count)
    {
        await ObserveAsync(await OpenAsync("first", PreparedScenes.GroupSize));
        var before = Worlds;
        await ObserveAsync(await OpenAsync("short", count));

        // Common ones are known; of candidates that are no scene there may be more.
        Assert.True(Worlds - before >= PreparedScenes.GroupSize / 2,
            $"{Worlds - before} worlds for a run of {count} scenes.");
    }

    [Theory]
    [InlineData("Stability-v1")]
    [InlineData("PushOutcome-v1")]
    [InlineData("SslContrastive-v1")]
    public async Task Looking_ManyTimes_SimulatesNothing_SoThatItsTimeTellsNothing(string task)
    {
        var run = await OpenAsync("stopwatch", count: 4, task);
        await ObserveAsync(run);
        var before = Worlds;
        await Board.ObserveAsync(new ObserveRunRequest
        {
            Run = run.Run, Token = run.Token, Scenes = { Enumerable.Repeat(3u, 256) }, Width = 64, Height = 64,
        });
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => ObserveAsync(run)));

        Assert.Equal(before, Worlds);
    }

    [Fact]
    public async Task Closing_WhileTheSeasonIsOpen_SimulatesNoCommonScene()
    {
        var run = await OpenAsync("spy", count: 2, "Offset-v1");
        await ObserveAsync(run);
        await Board.AnswerAsync(Request(run, 1, "<answer>(0, 150)</answer>"));
        var before = Worlds;
        await CloseAsync(run);

        // The own scene was not answered, so nothing has to be simulated at all.
        Assert.Equal(before, Worlds);
        Assert.Equal([0], (await (await HostAsync()).Store.ResultsAsync(run.Run)).Select(result => result.Scene));
    }

    [Fact]
    public async Task SeveralAnswers_AreAskedForOnScenesThatNoOtherRunMeets()
    {
        var pictures = new List<IEnumerable<ByteString>>();
        foreach (var method in new[] { "first", "second" })
        {
            var run = await OpenAsync(method, 4, "OffsetRetry-v1");
            pictures.Add((await Board.ObserveAsync(new ObserveRunRequest
            {
                Run = run.Run, Token = run.Token, Scenes = { 0, 1, 2, 3 }, Width = 64, Height = 64,
            })).Pictures);
        }

        Assert.Empty(pictures[0].Intersect(pictures[1]));
    }

    [Fact]
    public async Task LooksBeyondTheRate_AreRefusedUntilLater()
    {
        await using var slow = await RunningServer.StartAsync(
            $"Leaderboard:Folder={Path.Combine(Folder, "slow")}", "Leaderboard:ReplyPace=0",
            "Leaderboard:LooksPerSecond=10");
        var board = new LeaderboardService.LeaderboardServiceClient(slow.Channel);
        var run = await board.OpenRunAsync(new OpenRunRequest { Method = "eager", Task = "Stability-v1", Count = 2 });
        var look = new ObserveRunRequest { Run = run.Run, Token = run.Token, Scenes = { Enumerable.Repeat(0u, 256) } };
        await board.ObserveAsync(look); // A whole burst.

        var (code, error) = await Given.RefusalAsync(board.ObserveAsync(look));

        Assert.Equal((StatusCode.ResourceExhausted, "PhysIntuition:Leaderboard:LooksPerSecond"), (code, error.Option));
        Assert.True(error.RetryAfterMs > 0);
    }

    [Fact]
    public async Task Meters_DoNotMoveWithAHeldoutScene_WhileItsRunIsOpen()
    {
        using var http = new HttpClient { BaseAddress = Server.HttpAddress };
        async Task<Dictionary<string, double>> ReadAsync() => (await http.GetStringAsync("/metrics")).Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' '))
            .ToDictionary(parts => parts[0], parts => double.Parse(parts[1], CultureInfo.InvariantCulture));
        var run = await OpenAsync("gauge", 64, "SslContrastive-v1");
        await ObserveAsync(run);
        var before = await ReadAsync();
        for (var scene = 0u; scene < 64; scene += 32)
        {
            await Board.ObserveAsync(new ObserveRunRequest
            {
                Run = run.Run, Token = run.Token, Scenes = { scene }, Width = 96, Height = 96,
            });
        }

        var after = await ReadAsync();
        // These are the whole process's, which runs other tests, too.
        string[] process = ["physintuition_allocated", "physintuition_heap", "physintuition_memory"];
        Assert.All(before.Keys.Except(process), name => Assert.Equal((name, before[name]), (name, after[name])));
    }

    [Fact]
    public async Task HeldoutWork_WhatItAllocates_IsLeftOutOfTheMetersUntilARunIsClosed()
    {
        using var work = new HeldoutWork();
        Assert.Equal(12_345, work.Coarsely(12_345));

        Assert.Equal(1 << 20, (await work.RunAsync(() => new byte[1 << 20])).Length);

        Assert.InRange(work.Allocated, 1 << 20, (1 << 20) + 10_000);
        Assert.Equal((0L, 0L), (work.AllocatedByClosed, work.ScenesOfClosed));
        work.Closed(scenes: 7);
        Assert.Equal((64L << 20, 7L), (work.AllocatedByClosed, work.ScenesOfClosed));
        Assert.Equal(64L << 20, work.Coarsely(12_345));
    }

    [Fact]
    public async Task Observing_AnAnsweredScene_NeitherSimulatesNorShowsWhatCameOfIt()
    {
        var run = await OpenAsync("looker", count: 2, "Offset-v1");
        var (unseen, _) = await ObserveAsync(run);
        await Board.AnswerAsync(Request(run, 0, "<answer>(10, 200)</answer>"));
        var (seen, worked) = await ObserveAsync(run);

        Assert.Equal(unseen.Pictures, seen.Pictures);
        Assert.Equal(unseen.Prompts, seen.Prompts);
        Assert.Equal(1, seen.Ended[0]);
        Assert.Equal(0, worked); // The answer is not played.
    }

    [Fact]
    public async Task Observing_LeavesAtThePace_SoThatItsTimeTellsNothing()
    {
        await using var paced = await RunningServer.StartAsync(
            $"Leaderboard:Folder={Path.Combine(Folder, "paced")}", "Leaderboard:ReplyPace=00:00:00.3");
        var board = new LeaderboardService.LeaderboardServiceClient(paced.Channel);
        var run = await board.OpenRunAsync(new OpenRunRequest { Method = "clock", Task = "Stability-v1", Count = 2 });
        var clock = Stopwatch.StartNew();
        await board.ObserveAsync(new ObserveRunRequest { Run = run.Run, Token = run.Token, Scenes = { 0 } });
        await board.GetNextAsync(new GetNextRequest { Run = run.Run, Token = run.Token });

        Assert.True(clock.ElapsedMilliseconds >= 590, $"Two looks took {clock.ElapsedMilliseconds} ms.");
    }

    private sealed class CountingRenderer : IRenderer
    {
        private readonly CpuRenderer _renderer = new();
        private int _scenes;

        public int Scenes => Volatile.Read(ref _scenes);

        public string Name => _renderer.Name;

        public void Draw(ReadOnlySpan<Scene> scenes, in FrameFormat format, in FrameBuffers frames)
        {
            Interlocked.Add(ref _scenes, scenes.Length);
            _renderer.Draw(scenes, format, frames);
        }
    }
}
