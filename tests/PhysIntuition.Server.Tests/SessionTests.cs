using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>Sessions outlive connections, end when their lease does, and say why.</summary>
public sealed class SessionTests
{
    private readonly TestTime _time = new();

    [Fact]
    public async Task Resume_FromAnotherConnection_FindsEnvironmentsAndTheirLastStep()
    {
        await using var server = await RunningServer.StartAsync();
        var session = await server.Stub.OpenSessionAsync(new OpenSessionRequest());
        var headers = RunningServer.Headers(session);
        var created = await server.Stub.CreateAsync(Given.Create(slots: 2), headers);
        await server.Stub.ResetAsync(new ResetRequest { Environment = 1, StepId = 1, Seed = 3 }, headers);
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(server.Address);

        var resumed = await new EnvironmentService.EnvironmentServiceClient(channel).OpenSessionAsync(
            new OpenSessionRequest { ResumeId = session.Id, ResumeToken = session.Token });

        Assert.True(resumed.IsResumed);
        var environment = Assert.Single(resumed.Environments);
        Assert.Equal((1u, 1ul, true), (environment.Environment, environment.LastStepId, environment.IsReset));
        Assert.Equal(created.Environment.OptionsJson, environment.OptionsJson);
    }

    [Fact]
    public async Task Resume_WithAWrongToken_IsUnauthenticated()
    {
        await using var server = await RunningServer.StartAsync();
        var session = await server.Stub.OpenSessionAsync(new OpenSessionRequest());
        var refusal = await Given.RefusalAsync(server.Stub.OpenSessionAsync(
            new OpenSessionRequest { ResumeId = session.Id, ResumeToken = session.Token + "x" }));

        Assert.Equal(StatusCode.Unauthenticated, refusal.Code);
    }

    [Fact]
    public async Task Open_Durable_AtAServerWithoutACluster_SaysHowToStartOne()
    {
        await using var server = await RunningServer.StartAsync();
        var refusal = await Given.RefusalAsync(server.Stub.OpenSessionAsync(new OpenSessionRequest { Durable = true }));

        Assert.Equal((StatusCode.FailedPrecondition, "NO_CLUSTER"), (refusal.Code, refusal.Error.Reason));
        Assert.Contains("--cluster redis://HOST:PORT", refusal.Error.Message);
    }

    [Fact]
    public async Task Step_WithARepeatedNumber_GetsTheSameReplyAndIsNotDoneTwice()
    {
        await using var server = await RunningServer.StartAsync();
        var headers = await server.OpenAsync();
        var create = Given.Create(2, "seed", "steps");
        create.Autoreset = AutoresetMode.SameStep;
        await server.Stub.CreateAsync(create, headers);
        await server.Stub.ResetAsync(new ResetRequest { Environment = 1, StepId = 1, Seed = 3 }, headers);

        var first = await server.Stub.StepAsync(Given.Step(1, rows: 2, stepId: 2), headers);
        var again = await server.Stub.StepAsync(Given.Step(1, rows: 2, stepId: 2), headers);
        var next = await server.Stub.StepAsync(Given.Step(1, rows: 2, stepId: 3), headers);

        // Same-step autoreset moves every slot on to a new seed, so a step done twice would show another one.
        Assert.Equal(first, again);
        Assert.NotEqual(Given.Hashes(first.Observations, "seed"), Given.Hashes(next.Observations, "seed"));
    }

    [Theory]
    [InlineData(4ul, "the next one is 3")]
    [InlineData(1ul, "only replies 2 to 2 are kept")]
    public async Task Step_WithANumberOutOfSequence_SaysWhichOneIsNext(ulong number, string explanation)
    {
        await using var server = await RunningServer.StartAsync();
        var headers = await server.OpenAsync();
        await server.Stub.CreateAsync(Given.Create(slots: 1), headers);
        await server.Stub.ResetAsync(new ResetRequest { Environment = 1, StepId = 1, Seed = 3 }, headers);
        await server.Stub.StepAsync(Given.Step(1, rows: 1, stepId: 2), headers);

        var refusal = await Given.RefusalAsync(server.Stub.StepAsync(Given.Step(1, rows: 1, number), headers));

        Assert.Equal((StatusCode.FailedPrecondition, "WRONG_STEP_ID"), (refusal.Code, refusal.Error.Reason));
        Assert.Contains(explanation, refusal.Error.Message);
    }

    [Fact]
    public async Task Lease_WithoutARequest_EndsTheSessionAndTheReasonIsToldLater()
    {
        await using var server = await RunningServer.StartAsync(_time);
        var headers = await server.OpenAsync(leaseSeconds: 60);
        await server.Stub.CreateAsync(Given.Create(slots: 5), headers);
        var quota = server.Services.GetRequiredService<Quota>();
        Assert.Equal((1, 5), (quota.Sessions, quota.Slots));

        _time.Advance(TimeSpan.FromSeconds(61));
        server.Services.GetRequiredService<SessionStore>().Sweep();

        Assert.Equal((0, 0), (quota.Sessions, quota.Slots));
        var refusal = await Given.RefusalAsync(server.Stub.StepAsync(Given.Step(1, rows: 5), headers));
        Assert.Equal((StatusCode.NotFound, "SESSION_EXPIRED"), (refusal.Code, refusal.Error.Reason));
        Assert.Contains("after 60 s without a request", refusal.Error.Message);
    }

    [Fact]
    public async Task Lease_WithARequestNowAndThen_GoesOn()
    {
        await using var server = await RunningServer.StartAsync(_time);
        var headers = await server.OpenAsync(leaseSeconds: 60);
        await server.Stub.CreateAsync(Given.Create(slots: 1), headers);
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(50));
            server.Services.GetRequiredService<SessionStore>().Sweep();
            await server.Stub.ResetAsync(new ResetRequest { Environment = 1, Seed = 1 }, headers);
        }
    }

    [Fact]
    public async Task Limits_OfSessionsAndSlots_NameTheOptionAndGiveWayAfterClosing()
    {
        await using var server = await RunningServer.StartAsync(
            "Limits:MaxSessions=2", "Limits:MaxSlotsPerEnvironment=4", "Limits:MaxSlotsPerSession=6",
            "Limits:MaxSlots=6");
        var one = await server.OpenAsync();
        var two = await server.OpenAsync();

        var sessions = await Given.RefusalAsync(server.Stub.OpenSessionAsync(new OpenSessionRequest()));
        Assert.Equal((StatusCode.ResourceExhausted, "PhysIntuition:Limits:MaxSessions"),
            (sessions.Code, sessions.Error.Option));
        Assert.True(sessions.Error.RetryAfterMs > 0);

        await server.Stub.CreateAsync(Given.Create(slots: 4), one);
        var slots = await Given.RefusalAsync(server.Stub.CreateAsync(Given.Create(slots: 4), two));
        Assert.Equal("PhysIntuition:Limits:MaxSlots", slots.Error.Option);

        await server.Stub.CloseSessionAsync(new CloseSessionRequest(), one);
        await server.Stub.CloseSessionAsync(new CloseSessionRequest(), one);
        await server.Stub.CreateAsync(Given.Create(slots: 4), two);
    }

    [Fact]
    public async Task Settings_WithSeveralFaults_AreAllNamedBeforeTheServerListens()
    {
        var wrong = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            RunningServer.StartAsync(
                "Limits:MaxSessions=0", "Engine:Lanes=5", "Engine:RenderDevice=gpu", "Engine:Simulator=bullet",
                "Listen:Address=0.0.0.0"));

        Assert.Contains(wrong.Failures, fault => fault.Contains("MaxSessions is '0'", StringComparison.Ordinal));
        Assert.Contains(wrong.Failures, fault => fault.Contains("Lanes is '5'", StringComparison.Ordinal));
        Assert.Contains(wrong.Failures, fault => fault.Contains("RenderDevice is 'gpu'", StringComparison.Ordinal));
        Assert.Contains(wrong.Failures, fault => fault.Contains("Simulator is 'bullet'", StringComparison.Ordinal));
        Assert.Contains(wrong.Failures, fault => fault.Contains("AllowPlaintext", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Settings_SimulatorThatThisBuildLacks_SayHowToGetIt()
    {
        var wrong = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            RunningServer.StartAsync("Engine:Simulator=bepu"));

        Assert.Equal(
            "PhysIntuition:Engine:Simulator is 'bepu'; this build has the canonical engine alone: take canonical, or " +
            "build with -p:Bepu=true (docs/physics.md).",
            Assert.Single(wrong.Failures));
    }

    [Fact]
    public async Task Settings_ThatNothingReads_AreRefused()
    {
        var wrong = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            RunningServer.StartAsync("Limits:MaxSlot=1"));

        Assert.Contains("MaxSlotsPerEnvironment", Assert.Single(wrong.Failures));
    }
}
