using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>Callers that stop waiting: the server tells them, lets go, and does nothing more for them.</summary>
public sealed class DeadlineTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Timeout_WhileACallWaits_IsAnsweredByTheServerAndTheCallNeverCarriedOut()
    {
        var headers = await _server.OpenAsync();
        await _server.Stub.CreateAsync(Given.Create(slots: 1), headers);
        var lane = Assert.Single(_server.Services.GetRequiredService<SessionStore>().All).Find(1).Lane;
        var stone = await Stone.LayAsync(_server.Services.GetRequiredService<Scheduler>(), lane);
        using var raw = new RawCall(_server.Address);

        // A client of ours would end the call by itself; bytes that only ask for a timeout wait for the server.
        var answer = await raw.SendAsync(RawCall.Frame(new ResetRequest { Environment = 1, StepId = 1 }), "Reset",
            headers: [("grpc-timeout", "200m"), .. headers.Select(header => (header.Key, header.Value))]);
        await Given.SoonAsync(() => lane.Waiting.Peek().Cancellation.IsCancellationRequested);
        stone.Lift();

        Assert.Equal(StatusCode.DeadlineExceeded, answer.Status);
        await Given.SoonAsync(() => _server.Services.GetRequiredService<Quota>().Requests == 0);
        var environment = Assert.Single(_server.Services.GetRequiredService<SessionStore>().All).Find(1);
        Assert.Equal(0ul, environment.Describe().LastStepId);
    }

    [Fact]
    public async Task Timeout_WhileTheCallerDoesNotRead_LetsTheSlotsGo()
    {
        // 80 pictures of 3 MB fit into no window, so that the server waits for a reader that never comes.
        var request = new StreamDatasetRequest
        {
            Task = Given.Task, Count = 80, ChunkRows = 4,
            Observe = new ObservationRequest { Names = { "rgb" }, Width = 1024, Height = 1024 },
        };
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        using var message = new HttpRequestMessage(
            HttpMethod.Post, new Uri(_server.Address, RawCall.Environments + "StreamDataset"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(RawCall.Frame(request)),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        message.Headers.Add("grpc-timeout", "1S");

        using var unread = await invoker.SendAsync(message, CancellationToken.None).WaitAsync(RunningServer.Patience);

        await Given.SoonAsync(() =>
            _server.Services.GetRequiredService<Quota>() is { Slots: 0, Requests: 0 });
    }
}
