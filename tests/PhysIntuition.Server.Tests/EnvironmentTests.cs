using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>Batches over the wire: autoreset, masks, options per slot, states as values, scoring.</summary>
public sealed class EnvironmentTests(BadInputTests.Shared shared) : IClassFixture<BadInputTests.Shared>
{
    private static readonly string[] s_seen = ["seed", "steps", "scene_hash"];

    private EnvironmentService.EnvironmentServiceClient Stub => shared.Server.Stub;

    [Fact]
    public async Task NextStep_AfterTheEnd_StartsTheNextEpisodeAndPaysNothing()
    {
        var (headers, number, _) = await CreateAsync(2, AutoresetMode.NextStep);
        var end = await Stub.StepAsync(Given.Step(number, rows: 2), headers);
        var next = await Stub.StepAsync(Given.Step(number, rows: 2), headers);

        Assert.Equal(new byte[] { 1, 1 }, end.Terminated.ToByteArray());
        Assert.True(end.Started.IsEmpty);
        Assert.Equal(new byte[] { 0, 0 }, next.Terminated.ToByteArray());
        Assert.Equal(new byte[] { 1, 1 }, next.Started.ToByteArray());
        Assert.Equal([0f, 0f], Given.Floats(next.Rewards));
    }

    [Fact]
    public async Task ShowsNext_AtTheEndOfAllEpisodes_TellsWhatTheNextStepGivesAndDoesItBeforeTheStepBehindIt()
    {
        var (headers, plain) = await CountAsync();
        var replies = new List<StepReply>();
        for (var id = 2ul; id <= 5; id++)
        {
            replies.Add(await Stub.StepAsync(CountStep(plain, id), headers));
        }

        var (others, number) = await CountAsync();
        var first = await Stub.StepAsync(CountStep(number, 2, showsNext: true), others);
        var asked = new RenderRequest { Environment = number, Observe = new ObservationRequest { Names = { s_seen } } };
        var held = await Stub.RenderAsync(asked, others);
        var third = await Stub.StepAsync(CountStep(number, 4, showsNext: true), others);
        var again = await Stub.StepAsync(CountStep(number, 4, showsNext: true), others);
        var fourth = await Stub.StepAsync(CountStep(number, 5), others);   // as a client does before it looks

        Assert.Equal([.. replies], [Without(first), first.Next, Without(third), fourth]);
        Assert.Equal(fourth, third.Next);
        Assert.Equal(third, again);
        Assert.Equal(Given.Hashes(replies[0].Observations, "seed"), Given.Hashes(held.Observations, "seed"));
    }

    [Fact]
    public async Task ShowsNext_OfOtherStepsOrForgotten_ShowsNothingAndDoesNothing()
    {
        var (headers, number) = await CountAsync();
        var masked = CountStep(number, 2, showsNext: true);
        (masked.Mask, masked.Numbers) = (ByteString.CopyFrom(1, 0), Given.Numbers(3));
        Assert.Null((await Stub.StepAsync(masked, headers)).Next);
        (masked.StepId, masked.Mask) = (3, ByteString.CopyFrom(0, 1));
        Assert.Null((await Stub.StepAsync(masked, headers)).Next);

        var observed = CountStep(number, 4, showsNext: true);
        observed.Observe = new ObservationRequest { Names = { "seed" } };
        Assert.Null((await Stub.StepAsync(observed, headers)).Next);
        Assert.Null((await Stub.StepAsync(CountStep(number, 0, showsNext: true), headers)).Next);
        Assert.Null((await Stub.StepAsync(CountStep(number, 5, showsNext: true), headers)).Next);   // begins episodes

        var shown = await Stub.StepAsync(CountStep(number, 6, showsNext: true), headers);
        Assert.NotNull(shown.Next);
        var reset = new ResetRequest { Environment = number, Seed = 50, StepId = 7 };
        var seeds = Given.Hashes((await Stub.ResetAsync(reset, headers)).Observations, "seed");
        Assert.Equal([50ul, 51ul], seeds);
        var refusal = await Given.RefusalAsync(Stub.StepAsync(CountStep(number, 9), headers));
        Assert.Equal("WRONG_STEP_ID", refusal.Error.Reason);
    }

    [Fact]
    public async Task SameStep_AtTheEnd_ShowsTheNextEpisodeAndTheFinalOne()
    {
        var (headers, number, reset) = await CreateAsync(2, AutoresetMode.SameStep);
        var step = await Stub.StepAsync(Given.Step(number, rows: 2), headers);

        Assert.Equal(new byte[] { 1, 1 }, step.Terminated.ToByteArray());
        Assert.Equal(new byte[] { 1, 1 }, step.Started.ToByteArray());
        Assert.Equal(Given.Hashes(reset.Observations, "seed"), Given.Hashes(step.FinalObservations, "seed"));
        Assert.NotEqual(Given.Hashes(reset.Observations, "seed"), Given.Hashes(step.Observations, "seed"));
    }

    [Fact]
    public async Task Texts_PackedForWhoeverReadsThem_AreTheSameTexts()
    {
        string[] names = ["prompt", "info", "expert", "seed"];
        var headers = await shared.Server.OpenAsync();
        var replies = new List<IReadOnlyList<IReadOnlyList<string>>>();
        foreach (var isPacked in new[] { false, true })
        {
            var create = Given.Create(3, names);
            (create.Autoreset, create.Observe.PackedTexts) = (AutoresetMode.SameStep, isPacked);
            var number = (await Stub.CreateAsync(create, headers)).Environment.Environment;
            var reset = await Stub.ResetAsync(new ResetRequest { Environment = number, Seed = 4 }, headers);
            var answer = Given.Step(number, rows: 2);
            answer.Mask = ByteString.CopyFrom(1, 0, 1);
            var step = await Stub.StepAsync(answer, headers);
            Observation[] seen = [.. reset.Observations, .. step.Observations, .. step.FinalObservations];
            Texts[] texts = [.. seen.Where(each => each.Texts is not null).Select(each => each.Texts)];
            Assert.All(texts, each => Assert.Equal(isPacked, each.Values.Count == 0));
            replies.Add([.. texts.Select(each => (IReadOnlyList<string>)(isPacked ? Unpacked(each) : each.Values))]);
        }

        Assert.Equal([3, 3, 3, 2, 2, 2, 2, 2, 2], replies[0].Select(rows => rows.Count));
        Assert.Equal(replies[0], replies[1]);
    }

    [Fact]
    public async Task Texts_InSharedMemoryForWhoeverReadsThem_AreTheSameTexts()
    {
        var headers = await shared.Server.OpenAsync();
        var replies = new List<IReadOnlyList<IReadOnlyList<string>>>();
        foreach (var isShared in new[] { false, true })
        {
            var create = Given.Create(3, "prompt", "info", "seed");   // texts ahead of the tensor
            (create.Autoreset, create.Observe.PackedTexts) = (AutoresetMode.SameStep, true);
            (create.Observe.SharedTexts, create.SharedBuffers) = (isShared, 2);
            var created = await Stub.CreateAsync(create, headers);
            var number = created.Environment.Environment;
            var reset = await Stub.ResetAsync(new ResetRequest { Environment = number, Seed = 4 }, headers);
            var resetTexts = Read(reset.Observations);   // before another reply takes the memory
            var step = await Stub.StepAsync(Given.Step(number, rows: 3), headers);
            replies.Add([.. resetTexts, .. Read(step.Observations), .. Read(step.FinalObservations)]);
            Observation[] all = [.. reset.Observations, .. step.Observations, .. step.FinalObservations];
            Assert.All(all.Where(each => each.Name == "seed"), each => Assert.NotEqual(0ul, each.Tensor.MemoryOffset));
            // A prompt is longer than what there is room for.
            Assert.All(all.Where(each => each.Name == "prompt"), each => Assert.Equal(0ul, each.Texts.MemoryOffset));
            Assert.All(all.Where(each => each.Name == "info"), each =>
                Assert.Equal(isShared, each.Texts.MemoryOffset != 0 && each.Texts.Packed.IsEmpty));

            IEnumerable<List<string>> Read(IEnumerable<Observation> observations) =>
                [.. observations.Where(each => each.Texts is not null).Select(each =>
                    Unpacked(each.Texts, created.SharedMemory.Path))];
        }

        Assert.Equal(6, replies[0].Count);
        Assert.Equal(replies[0], replies[1]);
    }

    [Fact]
    public async Task State_InMemoryThatHeldOthersBefore_IsTheSame()
    {
        var headers = await shared.Server.OpenAsync();
        var seen = new List<List<byte[]>>();
        foreach (var buffers in new uint[] { 0, 2 })
        {
            var create = Given.Create(4, "state");
            (create.Task, create.SharedBuffers) = ("Count-v1", buffers);
            var created = await Stub.CreateAsync(create, headers);
            var states = new List<byte[]>();
            for (var seed = 1UL; seed <= 40; seed++)
            {
                var reset = new ResetRequest { Environment = created.Environment.Environment, Seed = 9 * seed };
                if (seed > 1 && seed % 5 == 0)
                {
                    reset.Mask = ByteString.CopyFrom(1, 0, 1, 1);
                }

                if (seed % 7 == 0)
                {
                    reset.Observe = new ObservationRequest { Names = { "scene_hash", "state" } };
                }

                var tensor = (await Stub.ResetAsync(reset, headers)).Observations[^1].Tensor;
                Assert.Equal(buffers == 0, tensor.MemoryOffset == 0);
                states.Add(buffers == 0 ? tensor.Data.ToByteArray() : ReadShared(
                    created.SharedMemory.Path, tensor.MemoryOffset, checked((int)tensor.Shape[0]) * 16 * 20 * 4));
            }

            seen.Add(states);
        }

        Assert.Equal(seen[0], seen[1]);
    }

    [Fact]
    public async Task Disabled_AfterTheEnd_RefusesUntilTheSlotIsReset()
    {
        var (headers, number, _) = await CreateAsync(2, AutoresetMode.Disabled);
        await Stub.StepAsync(Given.Step(number, rows: 2), headers);

        var refusal = await Given.RefusalAsync(Stub.StepAsync(Given.Step(number, rows: 2), headers));
        Assert.Equal(StatusCode.FailedPrecondition, refusal.Code);

        var mask = ByteString.CopyFrom(0, 1);
        var reset = await Stub.ResetAsync(
            new ResetRequest { Environment = number, Seeds = { 99 }, Mask = mask }, headers);
        Assert.Equal([99ul], Given.Hashes(reset.Observations, "seed"));
        var one = Given.Step(number, rows: 1);
        one.Mask = mask;
        Assert.Equal(sizeof(float), (await Stub.StepAsync(one, headers)).Rewards.Length);
    }

    [Fact]
    public async Task SlotOptions_OnTopOfTheBatchs_ChangeThatSlotAlone()
    {
        var headers = await shared.Server.OpenAsync();
        var create = Given.Create(2, s_seen);
        create.SlotOptionsJson.AddRange(["", """{"palette":"greys"}"""]);
        await Stub.CreateAsync(create, headers);
        var own = await Stub.ResetAsync(new ResetRequest { Environment = 1, Seeds = { 5, 5 } }, headers);
        await Stub.CreateAsync(Given.Create(2, s_seen), headers);
        var usual = await Stub.ResetAsync(new ResetRequest { Environment = 2, Seeds = { 5, 5 } }, headers);

        var (with, without) = (Given.Hashes(own.Observations, "scene_hash"),
            Given.Hashes(usual.Observations, "scene_hash"));
        Assert.Equal(without[0], without[1]);
        Assert.Equal(without[0], with[0]);
        Assert.NotEqual(without[1], with[1]);
    }

    [Fact]
    public async Task Fork_OfOneSlot_GoesOnFromItsStateWithoutTouchingIt()
    {
        var (headers, number, reset) = await CreateAsync(2, AutoresetMode.SameStep);
        var fork = await Stub.ForkAsync(new ForkRequest { Environment = number, Slots = { 1, 1, 1 } }, headers);
        var forked = await Stub.StepAsync(Given.Step(fork.Environment.Environment, rows: 3), headers);
        var origin = await Stub.StepAsync(Given.Step(number, rows: 2), headers);

        var scene = Given.Hashes(reset.Observations, "scene_hash")[1];
        Assert.Equal([scene, scene, scene], Given.Hashes(fork.Observations, "scene_hash"));
        var reward = Given.Floats(origin.Rewards)[1];
        Assert.Equal([reward, reward, reward], Given.Floats(forked.Rewards));
        // The stream of seeds is part of the state: all go on to the same next scene.
        var next = Given.Hashes(origin.Observations, "scene_hash")[1];
        Assert.Equal([next, next, next], Given.Hashes(forked.Observations, "scene_hash"));
    }

    [Fact]
    public async Task Snapshot_Restored_ReplaysTheSameStep()
    {
        var (headers, number, _) = await CreateAsync(2, AutoresetMode.SameStep);
        var snapshot = (await Stub.SnapshotAsync(new SnapshotRequest { Environment = number }, headers)).Snapshot;
        var first = await Stub.StepAsync(Given.Step(number, rows: 2), headers);
        await Stub.RestoreAsync(new RestoreRequest { Environment = number, Snapshot = snapshot }, headers);
        var again = await Stub.StepAsync(Given.Step(number, rows: 2), headers);

        Assert.Equal(first, again);
    }

    [Fact]
    public async Task Snapshot_ChangedByOneBit_IsRefused()
    {
        var (headers, number, _) = await CreateAsync(1, AutoresetMode.SameStep);
        var bytes = (await Stub.SnapshotAsync(new SnapshotRequest { Environment = number }, headers))
            .Snapshot.ToByteArray();
        bytes[^1] ^= 1;
        var refusal = await Given.RefusalAsync(Stub.RestoreAsync(
            new RestoreRequest { Environment = number, Snapshot = ByteString.CopyFrom(bytes) }, headers));

        Assert.Equal((StatusCode.InvalidArgument, "WRONG_SNAPSHOT"), (refusal.Code, refusal.Error.Reason));
    }

    [Fact]
    public async Task Render_OnDemand_DrawsChosenSlotsInAnySizeWithoutMovingThem()
    {
        var (headers, number, _) = await CreateAsync(3, AutoresetMode.Disabled);
        var request = new RenderRequest
        {
            Environment = number,
            Slots = { 2, 0, 2 },
            Observe = new ObservationRequest { Names = { "rgb", "segmentation" }, Width = 48, Height = 32 },
        };
        var reply = await Stub.RenderAsync(request, headers);

        var rgb = reply.Observations[0].Tensor;
        Assert.Equal([3u, 32u, 48u, 3u], rgb.Shape);
        var frames = rgb.Data.ToByteArray().Chunk(32 * 48 * 3).ToArray();
        Assert.Equal(frames[0], frames[2]);
        Assert.NotEqual(frames[0], frames[1]);
        Assert.Equal(3 * 32 * 48, reply.Observations[1].Tensor.Data.Length);
    }

    [Fact]
    public async Task Score_OfAnswers_EqualsSteppingThemAndExpertsGetTheBest()
    {
        ulong[] seeds = [11, 11, 12];
        var (headers, number, _) = await CreateAsync(3, AutoresetMode.Disabled);
        var reset = await Stub.ResetAsync(new ResetRequest
        {
            Environment = number,
            Seeds = { seeds },
            Observe = new ObservationRequest { Names = { "expert" } },
        }, headers);
        string[] answers =
            [Given.Texts(reset.Observations, "expert")[0], "<answer>(-40, 260)</answer>", "no idea"];
        var texts = new TextActions { Answers = { answers } };

        var stepped = await Stub.StepAsync(new StepRequest { Environment = number, Texts = texts }, headers);
        var scored = await Stub.ScoreAsync(new ScoreRequest { Task = Given.Task, Seeds = { seeds }, Texts = texts });

        Assert.Equal(Given.Floats(stepped.Rewards), Given.Floats(scored.Rewards));
        Assert.Equal(10f, Given.Floats(scored.Rewards)[0], tolerance: 0.02f);
        Assert.Equal(-5f, Given.Floats(scored.Rewards)[2]);
    }

    [Fact]
    public async Task Dataset_OfARange_HasTheRowsOfItsSeedsInOrder()
    {
        var request = new StreamDatasetRequest
        {
            Task = Given.Task,
            FirstSeed = 100,
            Count = 10,
            ChunkRows = 4,
            Observe = new ObservationRequest { Names = { "scene_hash", "expert" } },
        };
        using var stream = Stub.StreamDataset(request);
        var (seeds, hashes, experts, sizes) =
            (new List<ulong>(), new List<ulong>(), new List<string>(), new List<int>());
        while (await stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(RunningServer.Patience))
        {
            var chunk = stream.ResponseStream.Current;
            Assert.Equal((ulong)seeds.Count, chunk.FirstRow);
            sizes.Add(chunk.Seeds.Count);
            seeds.AddRange(chunk.Seeds);
            hashes.AddRange(Given.Hashes(chunk.Columns, "scene_hash"));
            experts.AddRange(Given.Texts(chunk.Columns, "expert"));
        }

        var (headers, number, _) = await CreateAsync(10, AutoresetMode.Disabled);
        var reset = await Stub.ResetAsync(new ResetRequest { Environment = number, Seed = 100 }, headers);
        Assert.Equal([4, 4, 2], sizes);
        Assert.Equal(Enumerable.Range(100, 10).Select(seed => (ulong)seed), seeds);
        Assert.Equal(Given.Hashes(reset.Observations, "scene_hash"), hashes);
        Assert.All(experts, expert => Assert.Contains("<answer>", expert));
    }

    [Fact]
    public async Task Heldout_Rewards_AreWithheldAndScoringIsRefused()
    {
        var headers = await shared.Server.OpenAsync();
        var create = Given.Create(2, "seed", "scene_hash");
        create.Split = "heldout";
        await Stub.CreateAsync(create, headers);
        var reset = await Stub.ResetAsync(new ResetRequest { Environment = 1, Seed = 1 }, headers);
        var step = await Stub.StepAsync(Given.Step(1, rows: 2), headers);
        var refusal = await Given.RefusalAsync(Stub.ScoreAsync(new ScoreRequest
        {
            Task = Given.Task,
            Split = "heldout",
            Seeds = { 1 },
            Texts = new TextActions { Answers = { "x" } },
        }));

        Assert.Equal([0ul, 0ul], Given.Hashes(reset.Observations, "seed"));
        Assert.Equal([0f, 0f], Given.Floats(step.Rewards));
        Assert.Equal(StatusCode.PermissionDenied, refusal.Code);
    }

    private static StepReply Without(StepReply reply) => new(reply) { Next = null };

    private static StepRequest CountStep(uint environment, ulong stepId, bool showsNext = false) => new()
    {
        Environment = environment,
        StepId = stepId,
        Numbers = Given.Numbers(3, 4),
        ShowsNext = showsNext,
    };

    // Scenes that nothing is simulated for, numbered from 2 on.
    private async Task<(Metadata Headers, uint Environment)> CountAsync()
    {
        var headers = await shared.Server.OpenAsync();
        var create = Given.Create(2, [.. s_seen, "state", "info", "prompt", "rgb", "messages"]);
        (create.Task, create.Autoreset, create.Outcome) =
            ("Count-v1", AutoresetMode.NextStep, TerminalObservation.Question);
        (create.Observe.Width, create.Observe.Height) = (32, 32);
        var number = (await Stub.CreateAsync(create, headers)).Environment.Environment;
        await Stub.ResetAsync(new ResetRequest { Environment = number, Seed = 50, StepId = 1 }, headers);
        return (headers, number);
    }

    private static byte[] ReadShared(string memory, ulong offset, int bytes)
    {
        using var file = new FileStream(memory, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = (long)offset;
        var read = new byte[bytes];
        file.ReadExactly(read);
        return read;
    }

    private static List<string> Unpacked(Texts texts, string memory = "")
    {
        var rows = new List<string>();
        var start = 0;
        var packed = texts.Packed.ToByteArray();
        if (texts.MemoryOffset != 0)
        {
            packed = ReadShared(memory, texts.MemoryOffset, BitConverter.ToInt32(texts.Ends.Span[^sizeof(int)..]));
        }

        foreach (var end in MemoryMarshal.Cast<byte, int>(texts.Ends.Span))
        {
            rows.Add(Encoding.UTF8.GetString(packed.AsSpan(start..end)));
            start = end;
        }

        return rows;
    }

    private async Task<(Metadata Headers, uint Environment, ResetReply Reset)> CreateAsync(
        int slots, AutoresetMode autoreset)
    {
        var headers = await shared.Server.OpenAsync();
        var create = Given.Create(slots, s_seen);
        create.Autoreset = autoreset;
        var created = await Stub.CreateAsync(create, headers);
        var number = created.Environment.Environment;
        var reset = await Stub.ResetAsync(new ResetRequest { Environment = number, Seed = 50 }, headers);
        return (headers, number, reset);
    }
}
