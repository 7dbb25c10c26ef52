using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>What is told before an episode ends, and what is shown once it has.</summary>
public sealed class OutcomeTests(BadInputTests.Shared shared) : IClassFixture<BadInputTests.Shared>
{
    public static TheoryData<string> Tasks => [.. TaskCatalog.All
        .Where(task => task.Spec.Id != "RealTowers-v1").Select(task => task.Spec.Id)];

    private EnvironmentService.EnvironmentServiceClient Stub => shared.Server.Stub;

    [Fact]
    public async Task Step_OutcomeIsTheQuestion_ShowsWhatTheResetShowed()
    {
        var headers = await shared.Server.OpenAsync();
        var create = Given.Create(2, "state", "rgb");
        create.Outcome = TerminalObservation.Question;
        create.Autoreset = AutoresetMode.Disabled;
        var created = await Stub.CreateAsync(create, headers);
        var reset = await Stub.ResetAsync(new ResetRequest { Environment = 1, Seed = 3 }, headers);
        var step = await Stub.StepAsync(Given.Step(1, rows: 2), headers);
        var render = await Stub.RenderAsync(
            new RenderRequest { Environment = 1, Outcome = TerminalObservation.Settled }, headers);

        Assert.Equal(TerminalObservation.Question, created.Environment.Outcome);
        Assert.Equal(reset.Observations, step.Observations);
        Assert.NotEqual(Picture(step.Observations), Picture(render.Observations));
        Assert.Equal(Picture(step.Observations), Picture((await Stub.RenderAsync(
            new RenderRequest { Environment = 1 }, headers)).Observations));
    }

    [Fact]
    public async Task Step_OutcomeNotNamed_ShowsTheSettledWorldInEveryReply()
    {
        var headers = await shared.Server.OpenAsync();
        var created = await Stub.CreateAsync(Given.Create(2, "rgb"), headers);
        var reset = await Stub.ResetAsync(new ResetRequest { Environment = 1, Seed = 3 }, headers);
        var unseen = Given.Step(1, rows: 2);
        unseen.Observe = new ObservationRequest();   // nobody has looked when the states are taken
        await Stub.StepAsync(unseen, headers);
        var snapshot = await Stub.SnapshotAsync(new SnapshotRequest { Environment = 1 }, headers);

        var fork = await Stub.ForkAsync(new ForkRequest { Environment = 1 }, headers);
        var render = await Stub.RenderAsync(new RenderRequest { Environment = 1 }, headers);
        await Stub.ResetAsync(new ResetRequest { Environment = 1, Seed = 8 }, headers);
        var restored = await Stub.RestoreAsync(
            new RestoreRequest { Environment = 1, Snapshot = snapshot.Snapshot }, headers);

        Assert.Equal(TerminalObservation.Settled, created.Environment.Outcome);
        Assert.NotEqual(Picture(reset.Observations), Picture(render.Observations));
        Assert.Equal(Picture(render.Observations), Picture(fork.Observations));
        Assert.Equal(Picture(render.Observations), Picture(restored.Observations));
    }

    [Fact]
    public async Task Fork_WithoutObservations_ShowsWhatTheOtherShowsOnceSomebodyLooks()
    {
        var headers = await shared.Server.OpenAsync();
        await Stub.CreateAsync(Given.Create(2, "rgb"), headers);
        await Stub.ResetAsync(new ResetRequest { Environment = 1, Seed = 3 }, headers);
        var unseen = Given.Step(1, rows: 2);
        unseen.Observe = new ObservationRequest();
        await Stub.StepAsync(unseen, headers);

        var request = new ForkRequest { Environment = 1, CreateId = 7, WithoutObservations = true };
        var forks = new[] { await Stub.ForkAsync(request, headers), await Stub.ForkAsync(request, headers) };
        var told = await Stub.ForkAsync(new ForkRequest { Environment = 1 }, headers);
        var seen = await Stub.RenderAsync(new RenderRequest { Environment = 2 }, headers);

        Assert.All(forks, fork => Assert.Empty(fork.Observations));
        Assert.All(forks, fork => Assert.Equal(2u, fork.Environment.Environment));   // the same, asked for twice
        Assert.Equal(told.Environment.OptionsJson, forks[0].Environment.OptionsJson);
        Assert.True(forks[0].Environment.IsReset);
        Assert.Equal(Picture(told.Observations), Picture(seen.Observations));
    }

    [Fact]
    public async Task Create_UnknownOutcome_IsRefused()
    {
        var create = Given.Create(1, "rgb");
        create.Outcome = (TerminalObservation)7;
        var refusal = await Given.RefusalAsync(Stub.CreateAsync(create, await shared.Server.OpenAsync()));

        Assert.Equal((StatusCode.InvalidArgument, "outcome"), (refusal.Code, refusal.Error.Field));
    }

    [Fact]
    public async Task Create_MarginOfTheHeldOutSplit_IsWithheld()
    {
        var create = Given.Create(1, "margin");
        create.Split = "heldout";
        var refusal = await Given.RefusalAsync(Stub.CreateAsync(create, await shared.Server.OpenAsync()));

        Assert.Equal((StatusCode.PermissionDenied, "WITHHELD"), (refusal.Code, refusal.Error.Reason));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task Reset_InfoOfEveryTask_SaysNothingYet(string task)
    {
        var headers = await shared.Server.OpenAsync();
        await Stub.CreateAsync(
            new CreateRequest { Task = task, Slots = 4, Observe = new() { Names = { "info" } } }, headers);
        var reset = await Stub.ResetAsync(new ResetRequest { Environment = 1, Seed = 1 }, headers);

        Assert.All(Given.Texts(reset.Observations, "info"), info => Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"parse_error":null,"verdict":null,"distance":null}"""), JsonNode.Parse(info))));
    }

    private static ByteString Picture(IEnumerable<Observation> observations) =>
        observations.Single(seen => seen.Name == "rgb").Tensor.Data;
}
