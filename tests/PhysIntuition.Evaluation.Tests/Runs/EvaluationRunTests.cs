using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using PhysIntuition.Evaluation.Models;
using PhysIntuition.Evaluation.Runs;

namespace PhysIntuition.Evaluation.Tests.Runs;

/// <summary>What a model is asked, and what is kept of its answers.</summary>
public sealed class EvaluationRunTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static readonly EvaluationPlan s_plan = new()
    {
        Models = [new ModelName("m", Provider.Mock, "m")], Tasks = ["Stability-v1"], Questions = 3, PictureSize = 32,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly EnvironmentClients _clients = EnvironmentClients.Open("");
    private readonly ConcurrentQueue<(ChatMessage[] Messages, ChatOptions Options)> _asked = [];

    public void Dispose()
    {
        _clients.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Run_Question_IsPictureThenPromptInOneUserTurn()
    {
        var samples = await RunAsync(s_plan with { Questions = 1 }, _ => "<answer>yes</answer>");

        var message = Assert.Single(Assert.Single(_asked).Messages);
        Assert.Equal(ChatRole.User, message.Role);
        var picture = Assert.IsType<DataContent>(message.Contents[0]);
        Assert.Equal("image/png", picture.MediaType);
        var turn = Assert.Single(Assert.Single(samples).Exchanges);
        Assert.Equal(turn.Prompt, Assert.IsType<TextContent>(message.Contents[1]).Text);
        Assert.Equal(picture.Data.ToArray(), File.ReadAllBytes(_folder.At(Path.Combine("run", turn.Picture))));
        Assert.Null(picture.AdditionalProperties);
    }

    [Fact]
    public async Task Run_Settings_GoWithEveryRequest()
    {
        var plan = s_plan with
        {
            Questions = 1, Repeats = 2, Generation = new GenerationSettings
            {
                Temperature = 0.5f, TopP = 0.9f, MaxTokens = 77, Seed = 40, Stop = ["END"], Detail = "low",
            },
        };

        await RunAsync(plan, _ => "no");

        Assert.Equal([40L, 41], _asked.Select(one => one.Options.Seed!.Value).Order());   // repeats draw otherwise
        Assert.All(_asked, one =>
        {
            Assert.Equal((0.5f, 0.9f, 77), (one.Options.Temperature, one.Options.TopP, one.Options.MaxOutputTokens));
            Assert.Equal(["END"], one.Options.StopSequences!);
            Assert.Equal("low", one.Messages[0].Contents[0].AdditionalProperties!["detail"]);
        });
    }

    [Fact]
    public async Task Run_DefaultSettings_LeaveSeedAndStopToTheServer()
    {
        await RunAsync(s_plan with { Questions = 1 }, _ => "no");

        var options = Assert.Single(_asked).Options;
        Assert.Equal((0f, null, null), (options.Temperature, options.Seed, options.StopSequences));
    }

    [Fact]
    public async Task Run_Examples_AreOtherScenesWithTheExpertsAnswers()
    {
        var plan = s_plan with { Examples = [2], Questions = 2 };

        var samples = await RunAsync(plan, _ => "<answer>no</answer>");

        Assert.All(_asked, one =>
        {
            Assert.Equal(["user", "assistant", "user", "assistant", "user"],
                one.Messages.Select(message => message.Role.Value));
            Assert.All([one.Messages[1], one.Messages[3]], message => Assert.Matches(
                "^<answer>(yes|no)</answer>$", message.Text));
        });
        var pictures = _asked.SelectMany(one => one.Messages).SelectMany(message => message.Contents)
            .OfType<DataContent>().Select(picture => Convert.ToBase64String(picture.Data.Span)).ToArray();
        Assert.Equal(6, pictures.Length);
        Assert.Equal(6, pictures.Distinct().Count());   // no scene is shown that is asked about, and none twice
        Assert.All(samples, sample => Assert.Equal(2, sample.Key.Examples));
    }

    [Theory]
    [InlineData(int.MaxValue, new[] { 1, 3, 5 })]
    [InlineData(1, new[] { 1, 3, 3 })]
    [InlineData(0, new[] { 1, 1, 1 })]
    public async Task Run_History_KeepsTheLastTurns(int history, int[] messages)
    {
        var plan = s_plan with { Tasks = ["OffsetRetry-v1"], Questions = 1, History = history };

        var samples = await RunAsync(plan, _ => "<answer>(0, 900)</answer>");

        Assert.Equal(messages, _asked.Select(one => one.Messages.Length));
        Assert.Equal(3, Assert.Single(samples).Exchanges.Count);
        if (history > 0)
        {
            var last = _asked.Last().Messages;
            Assert.Equal("<answer>(0, 900)</answer>", last[^2].Text);
            Assert.Equal(samples[0].Exchanges[1].Prompt, last[^3].Text);
        }
    }

    [Fact]
    public async Task Run_EpisodesOfDifferentLengths_AsksEachToItsOwnEnd()
    {
        // The block of that number is there and comes out, or it is not there or carries too much: then it is over.
        var samples = await RunAsync(
            s_plan with { Tasks = ["Jenga-v1"], Questions = 8 }, _ => "<answer>4</answer>");

        Assert.Equal([1, 2], samples.Select(sample => sample.Exchanges.Count).Distinct().Order());
        Assert.All(samples, sample =>
        {
            Assert.Equal(sample.Exchanges.Count == 2, sample.Exchanges[0].Reward > 0);
            Assert.True(sample.Exchanges[^1].Reward < 0);
        });
        Assert.Equal(_asked.Count, samples.Sum(sample => sample.Exchanges.Count));
    }

    [Theory]
    [InlineData("", false, SampleOutcome.CutOff)]
    [InlineData("The tower", true, SampleOutcome.CutOff)]
    [InlineData("<think>The tower", true, SampleOutcome.CutOff)]
    [InlineData("Perhaps.", false, SampleOutcome.Unreadable)]
    public async Task Run_AnswerThatCannotBeRead_IsCutOffOrUnreadable(string answer, bool isCut, SampleOutcome outcome)
    {
        var sample = Assert.Single(await RunAsync(s_plan with { Questions = 1 }, _ => answer, isCut));

        Assert.Equal(outcome, sample.Outcome);
        Assert.NotNull(sample.Exchanges[0].ParseError);
        Assert.Equal(isCut, sample.Exchanges[0].IsCut);
    }

    [Fact]
    public async Task Run_WholeAnswerOfACutReply_Counts()
    {
        var samples = await RunAsync(s_plan, _ => "<answer>yes</answer> because", isCut: true);

        Assert.All(samples, sample => Assert.Contains(
            sample.Outcome, new[] { SampleOutcome.Right, SampleOutcome.Wrong }));
        Assert.All(samples, sample => Assert.Equal(
            sample.Outcome == SampleOutcome.Right ? sample.ExpertReward : 0, sample.Reward, 1e-6));
    }

    [Fact]
    public async Task Run_ClientThatThrows_LeavesItsQuestionUndeliveredAndAsksTheOthers()
    {
        var samples = await RunAsync(s_plan, number => number == 1
            ? throw new HttpRequestException("The\nline is cut.")
            : "<answer>yes</answer>");

        var lost = Assert.Single(samples, sample => sample.Outcome == SampleOutcome.Undelivered);
        Assert.Equal("HttpRequestException: The line is cut.", lost.Error);
        Assert.Empty(lost.Exchanges);
        Assert.Equal(3, samples.Count);
    }

    [Fact]
    public async Task Run_ThatWasBegun_AsksForWhatIsMissingAlone()
    {
        await RunAsync(s_plan, number => number == 2 ? throw new HttpRequestException("cut") : "<answer>no</answer>");
        _asked.Clear();

        var samples = await RunAsync(s_plan, _ => "<answer>yes</answer>");

        Assert.Single(_asked);
        Assert.Equal([0UL, 1, 2], samples.Select(sample => sample.Key.Seed));
        Assert.Equal(["<answer>no</answer>", "<answer>no</answer>", "<answer>yes</answer>"],
            samples.Select(sample => sample.Exchanges[0].Answer).Order());
    }

    [Fact]
    public async Task Run_CostLimit_StopsAsking()
    {
        var prices = new Prices("2026-01-01", new() { ["m"] = new Price(Input: 1_000_000, Output: 0) });
        var plan = s_plan with { Questions = 8, CostLimit = 2 };

        // Each answer costs a dollar, and one is in flight at a time.
        var samples = await RunAsync(plan, _ => "<answer>yes</answer>", prices: prices, inFlight: 1);

        Assert.Equal(2, _asked.Count);
        Assert.All(samples.Where(sample => sample.Outcome == SampleOutcome.Undelivered),
            sample => Assert.Equal("The limit of 2 dollars was reached.", sample.Error));
        Assert.Equal(6, samples.Count(sample => sample.Outcome == SampleOutcome.Undelivered));
    }

    [Fact]
    public async Task Run_Cancelled_KeepsWhatWasAnsweredAndBeginsNoMore()
    {
        using var stop = new CancellationTokenSource();

        var samples = await RunAsync(s_plan with { Questions = 20 }, number =>
        {
            if (number == 4)
            {
                stop.Cancel();
            }

            return "<answer>yes</answer>";
        }, inFlight: 1, stop: stop.Token);

        Assert.Equal(5, samples.Count);   // the one in flight is waited for
        Assert.DoesNotContain(samples, sample => sample.Outcome == SampleOutcome.Undelivered);
    }

    [Fact]
    public void Cells_OfAPlan_AreEveryPlaceInTheOrderOfTables()
    {
        var plan = s_plan with
        {
            Models = [new("a", Provider.Mock, "a"), new("b", Provider.Mock, "b")], Tasks = ["T-v1", "U-v1"],
            Splits = ["test", "test/x"], Examples = [0, 4],
        };

        string[] cells = [.. plan.Cells.Select(cell => $"{cell.Model.Label} {cell.Task} {cell.Split} {cell.Examples}")];

        Assert.Equal(16, cells.Distinct().Count());
        Assert.Equal(["a T-v1 test 0", "a T-v1 test 4", "a T-v1 test/x 0"], cells[..3]);
        Assert.Equal("b U-v1 test/x 4", cells[^1]);
    }

    [Theory]
    [InlineData("localhost:50051")]
    [InlineData("http://")]
    [InlineData("ftp://host")]
    public void Open_WhatIsNoAddress_IsNamed(string servers) => Assert.Contains(
        $"server '{servers}' is no address; write it as http://HOST:PORT",
        Assert.Throws<ArgumentException>(() => EnvironmentClients.Open(servers)).Message);

    private async Task<IReadOnlyList<EvaluationSample>> RunAsync(
        EvaluationPlan plan, Func<int, string> answer, bool isCut = false, Prices? prices = null, int inFlight = 20,
        CancellationToken stop = default)
    {
        using var folder = RunFolder.Open(_folder.At("run"), plan, resumes: true);
        using var model = new Model(this, answer, isCut);
        var limit = new AdaptiveLimit(inFlight);
        await new EvaluationRun(plan, _clients.All[0], folder, prices).RunAsync(
            (_, _) => model, _ => limit, (_, _) => { }, stop).WaitAsync(
                s_patience, TestContext.Current.CancellationToken);
        return folder.Samples;
    }

    /// <summary>Notes what it is asked; answers by the question's number, from 0 on.</summary>
    private sealed class Model(EvaluationRunTests test, Func<int, string> answer, bool isCut) : IChatClient
    {
        private int _count;

        public async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null,
            CancellationToken cancellationToken = default)
        {
            await Task.Yield();   // as a client that waits for a server
            test._asked.Enqueue(([.. messages], options!));
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, answer(Interlocked.Increment(ref _count) - 1)))
            {
                ModelId = "m-2026-01-01",
                FinishReason = isCut ? ChatFinishReason.Length : ChatFinishReason.Stop,
                Usage = new UsageDetails { InputTokenCount = 1 },
            };
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null,
            CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
