using System.Runtime.InteropServices;
using Google.Protobuf;
using PhysIntuition.V1;

namespace PhysIntuition.Client.Tests;

/// <summary>What is kept of an environment, and which calls bring it back.</summary>
public sealed class HistoryTests
{
    private readonly List<RunRequest> _made = [];
    private readonly History _history = new(
        new CreateRequest
        {
            Task = "Offset-v1", Slots = 2, CreateId = 5, SharedBuffers = 4,
            Observe = new ObservationRequest { Names = { "rgb", "scene_hash" }, Width = 64 },
        },
        slots: 2) { Number = 1 };

    [Fact]
    public async Task RebuildAsync_AfterASeededReset_MakesNothingOfWhatWasBefore()
    {
        Add(Reset(seed: 3), 1);
        Add(Step(), 2);
        Add(Reset(seed: 9), 3);
        Add(Step(), 4);

        await _history.RebuildAsync(AnswerAsync);

        Assert.Equal(["Create", "Reset", "Step"], Kinds);
        Assert.Equal(9ul, _made[1].Reset.Seed);
        Assert.Equal((1ul, 2ul, 2ul), (_made[1].Reset.StepId, _made[2].Step.StepId, _history.Shift));
    }

    [Fact]
    public async Task RebuildAsync_Environment_IsOpenedAnewAndAskedForHashesAlone()
    {
        Add(Reset(seed: 3), 1);
        Add(Step(new ObservationRequest { Names = { "rgb", "outcome_hash" } }), 2);

        await _history.RebuildAsync(AnswerAsync);

        var create = _made[0].Create;
        Assert.Equal(("Offset-v1", 2u, 0u), (create.Task, create.Slots, create.SharedBuffers));
        Assert.NotEqual(5ul, create.CreateId);
        Assert.Equal(77u, _history.Number);
        Assert.Equal(["scene_hash"], _made[1].Reset.Observe.Names);
        Assert.Equal(["outcome_hash"], _made[2].Step.Observe.Names);
        Assert.All(_made[1..], call => Assert.Equal(77u, call.Reset?.Environment ?? call.Step.Environment));
    }

    [Fact]
    public async Task RebuildAsync_ResetOfSomeSlots_ForgetsNothing()
    {
        Add(Reset(seed: 3), 1);
        Add(Reset(seed: 4, mask: [0, 1]), 2);

        await _history.RebuildAsync(AnswerAsync);

        Assert.Equal(["Create", "Reset", "Reset"], Kinds);
    }

    [Fact]
    public async Task Keep_ASnapshot_TakesThePlaceOfCallsAndOfLaterSeeds()
    {
        Add(Reset(seed: 3, mask: [1, 0]), 1);
        Assert.Equal([0u], _history.Capture().Slots);   // the other has no episode yet
        _history.Keep(ByteString.CopyFromUtf8("state"));
        Add(Step(), 2);
        Add(Reset(seed: 5), 3);   // options may differ from the creation's: the snapshot stays

        await _history.RebuildAsync(AnswerAsync);

        Assert.Equal(["Create", "Restore", "Step", "Reset"], Kinds);
        Assert.Equal("state", _made[1].Restore.Snapshot.ToStringUtf8());
        Assert.Equal([1, 0], _made[1].Restore.Mask.ToByteArray());   // the slots that the snapshot holds
        Assert.Equal((0ul, 3ul), (_history.Shift, _history.LastStepId));
    }

    [Fact]
    public void Add_ResetWithoutASeed_AsksForASnapshotUntilSeedsFollowFromWhatIsKept()
    {
        Assert.True(Add(Reset(seed: null), 1));
        _history.Capture();
        _history.Keep(ByteString.CopyFromUtf8("state"));

        Assert.False(Add(Reset(seed: null), 2));
    }

    [Fact]
    public void Add_ResetWithoutASeedAfterOneOfTheOtherSlot_IsStillDrawn()
    {
        Assert.False(Add(Reset(seed: 3, mask: [1, 0]), 1));

        Assert.False(_history.IsDrawn(Reset(seed: null, mask: [1, 0]).Reset));
        Assert.True(_history.IsDrawn(Reset(seed: null, mask: [0, 1]).Reset));
        Assert.True(_history.IsDrawn(Reset(seed: null).Reset));
        Assert.False(_history.IsDrawn(Reset(seed: 1).Reset));
    }

    [Fact]
    public void Add_AsManyCallsAsAreKept_AsksForASnapshotOnceInThatMany()
    {
        Add(Reset(seed: 3), 1);
        for (var call = 2; call < History.Every; call++)
        {
            Assert.False(Add(Step(), (ulong)call));
        }

        Assert.True(Add(Step(), History.Every));
        _history.Capture();
        Assert.True(_history.IsBeingCaptured);
        Assert.False(Add(Step(), History.Every + 1));
    }

    [Fact]
    public void Add_CallsOfAMegabyte_AskForASnapshot()
    {
        var large = Step();
        large.Step.Texts = new TextActions { Answers = { new string('a', 1 << 20) } };
        Add(Reset(seed: 3), 1);

        Assert.True(Add(large, 2));
    }

    [Fact]
    public void BeginAsFork_Slots_AreAllCapturedAndSeedsForgetNothing()
    {
        _history.BeginAsFork();
        Add(Reset(seed: 3), 1);
        Add(Reset(seed: 4), 2);

        Assert.Equal([0u, 1u], _history.Capture().Slots);
        Assert.Equal(2, _history.Mark);
    }

    [Fact]
    public async Task GoBack_ToAMark_MakesTheCallsBehindItNoMore()
    {
        Add(Reset(seed: 3), 1);
        var mark = _history.Mark;
        Add(Step(), 2);
        _history.GoBack(mark, lastStepId: 1);

        await _history.RebuildAsync(AnswerAsync);

        Assert.Equal(["Create", "Reset"], Kinds);
        Assert.Equal((0ul, 1ul), (_history.Shift, _history.LastStepId));
    }

    [Fact]
    public async Task RebuildAsync_AnotherReward_IsALostSession()
    {
        Add(Reset(seed: 3), 1);
        Add(Step(), 2, Reply(reward: 0.5f));

        var lost = await Assert.ThrowsAsync<EnvironmentException>(() => _history.RebuildAsync(AnswerAsync));

        Assert.Equal("SESSION_LOST", lost.Reason);
        Assert.Contains("Call 2 of this Offset-v1 environment had another outcome", lost.Message);
    }

    [Theory]
    [InlineData(1f, "scene_hash", "a", "scene_hash", "a", true)]
    [InlineData(1f, "scene_hash", "a", "scene_hash", "b", false)]
    [InlineData(1f, "rgb", "a", "rgb", "b", true)]               // pictures are not compared
    [InlineData(1f, "scene_hash", "a", "rgb", "b", true)]        // nor hashes that only one of them has
    [InlineData(2f, "rgb", "a", "rgb", "a", false)]
    public void Fits_Reply_ComparesRewardsEndsAndHashesOfBoth(
        float reward, string name, string data, string otherName, string otherData, bool fits)
    {
        var (one, other) = (Reply(1, name, data), Reply(reward, otherName, otherData));

        Assert.Equal(fits, ReplyOutcome.Of(one).Fits(ReplyOutcome.Of(other)));
    }

    private string[] Kinds => [.. _made.Select(call => call.CallCase.ToString())];

    private bool Add(RunRequest request, ulong stepId, RunReply? reply = null) =>
        _history.Add(request, reply ?? AnswerTo(request), stepId);

    private Task<RunReply> AnswerAsync(RunRequest request)
    {
        _made.Add(request.Clone());
        return Task.FromResult(AnswerTo(request));
    }

    private static RunReply AnswerTo(RunRequest request) =>
        request.Create is not null ? new RunReply
        {
            Create = new CreateReply { Environment = new EnvironmentInfo { Environment = 77 } },
        }
        : request.Step is not null ? Reply(reward: 1)
        : new RunReply { Reset = new ResetReply() };

    private static RunReply Reply(float reward, string name = "rgb", string data = "x") => new()
    {
        Step = new StepReply
        {
            Rewards = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>([reward, reward])),
            Observations =
            {
                new V1.Observation { Name = name, Tensor = new Tensor { Data = ByteString.CopyFromUtf8(data) } },
            },
        },
    };

    private static RunRequest Reset(ulong? seed, params byte[] mask)
    {
        var reset = new ResetRequest { Mask = ByteString.CopyFrom(mask) };
        if (seed is { } given)
        {
            reset.Seed = given;
        }

        return new RunRequest { Reset = reset };
    }

    private static RunRequest Step(ObservationRequest? observe = null) =>
        new() { Step = new StepRequest { Observe = observe } };
}
