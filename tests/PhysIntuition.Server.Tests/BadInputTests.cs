using Grpc.Core;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>Whatever comes over the wire gets a status and a sentence, and the server goes on serving.</summary>
public sealed class BadInputTests(BadInputTests.Shared shared) : IClassFixture<BadInputTests.Shared>
{
    private RunningServer Server => shared.Server;

    [Fact]
    public async Task Create_UnknownTask_IsNotFoundAndListsTheTasks()
    {
        var refusal = await Given.RefusalAsync(
            Server.Stub.CreateAsync(new CreateRequest { Task = "Nonsense-v1" }, await Server.OpenAsync()));

        Assert.Equal(StatusCode.NotFound, refusal.Code);
        Assert.Contains("Nonsense-v1", refusal.Error.Message);
        Assert.Contains(Given.Task, refusal.Error.Message);
        Assert.Equal("task", refusal.Error.Field);
    }

    [Fact]
    public async Task Create_UnknownOption_NamesItAndItsPlace()
    {
        var request = Given.Create(slots: 1);
        request.OptionsJson = """{"blokcs": 3}""";
        var refusal = await Given.RefusalAsync(Server.Stub.CreateAsync(request, await Server.OpenAsync()));

        Assert.Equal(StatusCode.InvalidArgument, refusal.Code);
        Assert.Contains("blokcs", refusal.Error.Message);
        Assert.Equal("options_json", refusal.Error.Field);
    }

    [Fact]
    public async Task Create_MoreSlotsThanAllowed_NamesLimitAndOption()
    {
        var refusal = await Given.RefusalAsync(
            Server.Stub.CreateAsync(Given.Create(slots: 1_000_000), await Server.OpenAsync()));

        Assert.Equal(StatusCode.InvalidArgument, refusal.Code);
        Assert.Contains("PhysIntuition:Limits:MaxSlotsPerEnvironment", refusal.Error.Message);
    }

    [Fact]
    public async Task Create_WithoutSession_SaysToOpenOne()
    {
        var refusal = await Given.RefusalAsync(Server.Stub.CreateAsync(Given.Create(slots: 1)));

        Assert.Equal((StatusCode.FailedPrecondition, "NO_SESSION"), (refusal.Code, refusal.Error.Reason));
        Assert.Contains("OpenSession", refusal.Error.Message);
    }

    [Fact]
    public async Task Create_WithAnotherSessionsToken_IsUnauthenticated()
    {
        var (one, other) = (await Server.OpenAsync(), await Server.OpenAsync());
        var mixed = new Metadata { one.Get("physintuition-session")!, other.Get("physintuition-session-token")! };
        var refusal = await Given.RefusalAsync(Server.Stub.CreateAsync(Given.Create(slots: 1), mixed));

        Assert.Equal(StatusCode.Unauthenticated, refusal.Code);
    }

    [Fact]
    public async Task Step_BeforeReset_IsFailedPrecondition()
    {
        var (headers, number) = await CreateAsync(slots: 2);
        var refusal = await Given.RefusalAsync(Server.Stub.StepAsync(Given.Step(number, rows: 2), headers));

        Assert.Equal(StatusCode.FailedPrecondition, refusal.Code);
        Assert.Contains("Reset", refusal.Error.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Step_WrongNumberOfRows_NamesWhatItGotAndWhatItWants(int rows)
    {
        var (headers, number) = await CreateAsync(slots: 2, isReset: true);
        var refusal = await Given.RefusalAsync(Server.Stub.StepAsync(Given.Step(number, rows), headers));

        Assert.Equal((StatusCode.InvalidArgument, "WRONG_LENGTH"), (refusal.Code, refusal.Error.Reason));
        Assert.Contains($"has {rows * 8} bytes; expected 16 for float32[2, 2]", refusal.Error.Message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e30f)]
    public async Task Step_NumberOutsideItsRange_NamesSlotAndAxis(float number)
    {
        var (headers, environment) = await CreateAsync(slots: 2, isReset: true);
        var request = Given.Step(environment, rows: 2);
        request.Numbers = Given.Numbers(0, 100, 0, number);
        var refusal = await Given.RefusalAsync(Server.Stub.StepAsync(request, headers));

        Assert.Equal(StatusCode.InvalidArgument, refusal.Code);
        Assert.StartsWith("actions[1]", refusal.Error.Field);
    }

    [Fact]
    public async Task Step_TenMegabytesOfText_IsRefusedBeforeAnythingChanges()
    {
        var (headers, environment) = await CreateAsync(slots: 1, isReset: true);
        var request = new StepRequest { Environment = environment, Texts = new TextActions() };
        request.Texts.Answers.Add(new string('x', 10_000_000));
        var refusal = await Given.RefusalAsync(Server.Stub.StepAsync(request, headers));

        Assert.Equal(StatusCode.InvalidArgument, refusal.Code);
        Assert.Contains("10000000 bytes", refusal.Error.Message);
        Assert.Contains("MaxTextBytes", refusal.Error.Message);
        Assert.Equal(1, (await Server.Stub.StepAsync(Given.Step(environment, rows: 1), headers)).Rewards.Length / 4);
    }

    [Fact]
    public async Task Step_TextWithoutAnswer_IsScoredAndExplained()
    {
        var (headers, environment) = await CreateAsync(slots: 1, isReset: true);
        var reply = await Server.Stub.StepAsync(new StepRequest
        {
            Environment = environment,
            Texts = new TextActions { Answers = { "I cannot say." } },
            Observe = new ObservationRequest { Names = { "info" } },
        }, headers);

        Assert.Equal(-5f, Assert.Single(Given.Floats(reply.Rewards)));
        Assert.DoesNotContain("\"parse_error\":null", Given.Texts(reply.Observations, "info")[0]);
    }

    [Fact]
    public async Task Step_ClosedEnvironment_IsNotFound()
    {
        var (headers, environment) = await CreateAsync(slots: 1, isReset: true);
        await Server.Stub.CloseAsync(new CloseRequest { Environment = environment }, headers);
        var refusal = await Given.RefusalAsync(Server.Stub.StepAsync(Given.Step(environment, rows: 1), headers));

        Assert.Equal((StatusCode.NotFound, "ENVIRONMENT_CLOSED"), (refusal.Code, refusal.Error.Reason));
        await Server.Stub.CloseAsync(new CloseRequest { Environment = environment }, headers);
    }

    [Fact]
    public async Task Observe_UnknownName_ListsTheNames()
    {
        var refusal = await Given.RefusalAsync(
            Server.Stub.CreateAsync(Given.Create(1, "smell"), await Server.OpenAsync()));

        Assert.Equal(StatusCode.InvalidArgument, refusal.Code);
        Assert.Contains("rgb", refusal.Error.Message);
    }

    [Fact]
    public async Task Create_StateOfTheHeldOutSplit_IsWithheld()
    {
        var request = Given.Create(1, "state");
        request.Split = "heldout";
        var refusal = await Given.RefusalAsync(Server.Stub.CreateAsync(request, await Server.OpenAsync()));

        Assert.Equal((StatusCode.PermissionDenied, "WITHHELD"), (refusal.Code, refusal.Error.Reason));
    }

    private async Task<(Metadata Headers, uint Environment)> CreateAsync(int slots, bool isReset = false)
    {
        var headers = await Server.OpenAsync();
        var created = await Server.Stub.CreateAsync(Given.Create(slots), headers);
        var number = created.Environment.Environment;
        if (isReset)
        {
            await Server.Stub.ResetAsync(new ResetRequest { Environment = number, Seed = 7 }, headers);
        }

        return (headers, number);
    }

    /// <summary>One server for all tests of the class: each leaves it working for the next.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        public RunningServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await RunningServer.StartAsync();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
