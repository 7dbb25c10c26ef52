using Google.Protobuf;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>The wire changes nothing: what is played over gRPC is what is played in process.</summary>
public sealed class EpisodeParityTests
{
    private const int Slots = 3;
    private const ulong Seed = 40;
    private const int Edge = 64;

    [Theory]
    [InlineData("Stability-v1")]
    [InlineData("Offset-v1")]
    public async Task Episode_OverGrpc_HasTheHashesRewardsAndPicturesOfTheOneInProcess(string task)
    {
        var local = PlayHere(task);
        await using var server = await RunningServer.StartAsync();
        var remote = await PlayThereAsync(server, task);

        Assert.Equal(local.Scenes, remote.Scenes);
        Assert.Equal(local.Outcomes, remote.Outcomes);
        Assert.Equal(local.Rewards, remote.Rewards);
        Assert.Equal(local.Prompts, remote.Prompts);
        Assert.Equal(local.Pictures, remote.Pictures);
        Assert.Equal(Slots, local.Scenes.Distinct().Count());
    }

    private static Episode PlayHere(string id)
    {
        var task = TaskCatalog.Find(id);
        using var simulator = new BatchSimulator(new SimulatorOptions { Threads = 1 });
        var batch = new EnvironmentBatch(
            task, new BatchOptions { Slots = Slots, Autoreset = Environments.Batches.AutoresetMode.Disabled },
            simulator, new CpuRenderer(threads: 1));
        batch.Reset(Seed);
        ulong[] scenes = [.. batch.Results.SceneHashes];
        string[] prompts = [.. Enumerable.Range(0, Slots).Select(slot => batch.View.Prompt(slot))];
        var pixels = new byte[Slots * Edge * Edge * 3];
        batch.View.Render([0, 1, 2], new FrameFormat(Edge, Edge), new FrameBuffers { Rgb = pixels });
        string[] answers = [.. Enumerable.Range(0, Slots).Select(slot => batch.View.Expert(slot))];

        batch.Step([.. answers.Select(SlotAction.OfText)]);
        return new Episode(scenes, [.. batch.Results.OutcomeHashes],
            [.. batch.Results.Rewards.Select(reward => (float)reward)], prompts,
            [.. pixels.Chunk(Edge * Edge * 3).Select(frame =>
                Convert.ToHexString(PngEncoder.Encode(frame, Edge, Edge)))]);
    }

    private static async Task<Episode> PlayThereAsync(RunningServer server, string task)
    {
        var headers = await server.OpenAsync();
        var created = await server.Stub.CreateAsync(new CreateRequest
        {
            Task = task,
            Slots = Slots,
            Autoreset = V1.AutoresetMode.Disabled,
            Observe = new ObservationRequest
            {
                Names = { "rgb", "prompt", "scene_hash", "expert", "outcome_hash" },
                Width = Edge,
                Height = Edge,
                Encoding = PictureEncoding.Png,
            },
        }, headers);
        var number = created.Environment.Environment;
        var reset = await server.Stub.ResetAsync(new ResetRequest { Environment = number, Seed = Seed }, headers);
        var step = await server.Stub.StepAsync(new StepRequest
        {
            Environment = number,
            Texts = new TextActions { Answers = { Given.Texts(reset.Observations, "expert") } },
            Observe = new ObservationRequest { Names = { "outcome_hash" } },
        }, headers);
        return new Episode(Given.Hashes(reset.Observations, "scene_hash"),
            Given.Hashes(step.Observations, "outcome_hash"), Given.Floats(step.Rewards),
            [.. Given.Texts(reset.Observations, "prompt")],
            [.. reset.Observations[0].Pictures.Files.Select(file => Convert.ToHexString(file.Span))]);
    }

    private sealed record Episode(
        ulong[] Scenes, ulong[] Outcomes, float[] Rewards, string[] Prompts, string[] Pictures);
}
