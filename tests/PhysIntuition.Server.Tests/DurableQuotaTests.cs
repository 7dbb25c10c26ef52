using Grpc.Core;
using PhysIntuition.V1;
using Stub = PhysIntuition.V1.EnvironmentService.EnvironmentServiceClient;

namespace PhysIntuition.Server.Tests;

/// <summary>Durable sessions count against the limits of their API token, at each server by itself.</summary>
public sealed class DurableQuotaTests : IDisposable
{
    private const int Rows = 3;
    private const string MaxSlots = "max_slots of token 'lab'", MaxSessions = "max_sessions of token 'lab'";

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"tokens-{Guid.NewGuid():N}.json");
    private readonly Metadata _bearer;
    private readonly ApiToken _token;

    public DurableQuotaTests()
    {
        var (token, text) = ApiToken.Create("lab", Scopes.Play, DateTimeOffset.UnixEpoch);
        _token = token with { MaxSessions = 1, MaxSlots = Rows };
        TokenFile.Write(_file, [_token]);
        _bearer = new Metadata { { "authorization", $"Bearer {text}" } };
    }

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Session_BeyondItsTokensLimits_IsRefusedAtEachServerByItself()
    {
        using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis);
        await using var second = await StartAsync(redis);
        var session = await OpenAsync(first.Stub);
        await first.Stub.CreateAsync(Given.Create(Rows), session);

        Assert.Contains(MaxSlots, await LimitAsync(first.Stub.CreateAsync(Given.Create(slots: 1), session)));
        Assert.Contains(MaxSessions, await LimitAsync(OpeningAsync(first.Stub)));
        await second.Stub.CreateAsync(Given.Create(Rows), await OpenAsync(second.Stub));

        await first.Stub.CloseSessionAsync(new CloseSessionRequest(), session);
        await first.Stub.CreateAsync(Given.Create(Rows), await OpenAsync(first.Stub));
    }

    [Fact]
    public async Task Session_ThatWakesElsewhere_CountsThereAndIsNotRefused()
    {
        using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis);
        await using var second = await StartAsync(redis);
        var (moves, stays) = (await OpenAsync(first.Stub), await OpenAsync(second.Stub));
        await first.Stub.CreateAsync(Given.Create(Rows), moves);
        await second.Stub.CreateAsync(Given.Create(Rows), stays);
        await first.StopAsync().WaitAsync(RunningServer.Patience);

        await second.Stub.ResetAsync(new ResetRequest { Environment = 1, Seed = 1 }, moves);

        await second.Stub.CloseSessionAsync(new CloseSessionRequest(), stays);
        Assert.Contains(MaxSessions, await LimitAsync(OpeningAsync(second.Stub)));
        await second.Stub.CloseSessionAsync(new CloseSessionRequest(), moves);
        await OpenAsync(second.Stub);
    }

    [Fact]
    public async Task Session_WhoseTokensLimitsChange_GoesOnUnderTheNewOnes()
    {
        using var redis = await RedisServer.StartAsync();
        await using var server = await StartAsync(redis);
        var session = await OpenAsync(server.Stub);
        await server.Stub.CreateAsync(Given.Create(Rows), session);
        TokenFile.Write(_file, [_token with { MaxSlots = Rows + 1 }]);
        File.SetLastWriteTimeUtc(_file, DateTime.UtcNow.AddMinutes(1));

        using var patience = new CancellationTokenSource(RunningServer.Patience);
        while (await LimitAsync(server.Stub.CreateAsync(Given.Create(slots: 1), session)) is not null)
        {
            await Task.Delay(50, patience.Token);
        }

        Assert.Contains(MaxSlots, await LimitAsync(server.Stub.CreateAsync(Given.Create(slots: 1), session)));
    }

    private Task<RunningServer> StartAsync(RedisServer redis) => RunningServer.StartAsync(
        "Cluster:Port=0", $"Cluster:Store={redis.Address}", $"Listen:TokenFile={_file}");

    private AsyncUnaryCall<SessionInfo> OpeningAsync(Stub stub) =>
        stub.OpenSessionAsync(new OpenSessionRequest { Durable = true }, _bearer);

    private async Task<Metadata> OpenAsync(Stub stub)
    {
        var headers = RunningServer.Headers(await OpeningAsync(stub));
        headers.Add(_bearer[0]);
        return headers;
    }

    // What a call was refused for; null: it was not.
    private static async Task<string?> LimitAsync<T>(AsyncUnaryCall<T> call)
    {
        try
        {
            await call.ResponseAsync.WaitAsync(RunningServer.Patience);
            return null;
        }
        catch (RpcException refusal) when (refusal.StatusCode == StatusCode.ResourceExhausted)
        {
            return Error.Parser.ParseFrom(refusal.Trailers.GetValueBytes("physintuition-error-bin")).Option;
        }
    }
}
