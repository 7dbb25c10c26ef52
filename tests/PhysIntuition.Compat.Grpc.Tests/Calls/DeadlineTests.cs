using Grpc.Core;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Calls;

public sealed class DeadlineTests : IAsyncLifetime
{
    private const int Long = 600_000;

    private TestServer _server = null!;
    private Interop.InteropClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.Start();
        _client = Given.Client(_server);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Unary_DeadlinePasses_BothEndsGiveUp()
    {
        await _client.EchoAsync(new Ask(), deadline: Given.Deadline);

        // On a machine that stalls, a call may be over before the service hears of it: then with more time.
        string text;
        var seconds = 1;
        do
        {
            text = $"deadline of {seconds} s";
            var fault = await Given.Fails(async () => await _client.EchoAsync(
                new Ask { Delay = Long, Text = text }, deadline: DateTime.UtcNow.AddSeconds(seconds)));
            Assert.Equal(StatusCode.DeadlineExceeded, fault.StatusCode);
            seconds *= 4;
        }
        while (!_server.Log.HasStarted(text) && seconds < 20);

        await _server.Log.WhenCancelled(text);
    }

    [Fact]
    public async Task Unary_DeadlineInThePast_FailsWithoutACall()
    {
        var fault = await Given.Fails(async () =>
            await _client.EchoAsync(new Ask(), deadline: DateTime.UtcNow.AddSeconds(-1)));

        Assert.Equal(StatusCode.DeadlineExceeded, fault.StatusCode);
    }

    [Fact]
    public async Task ServerStreaming_DeadlinePassesBetweenReplies_ReaderGetsTheStatus()
    {
        using var call = _client.Repeat(
            new Ask { Count = 1000, Delay = 20 }, deadline: DateTime.UtcNow.AddMilliseconds(300));

        var fault = await Given.Fails(async () => await call.ResponseStream.ReadAllAsync().LastAsync());

        Assert.Equal(StatusCode.DeadlineExceeded, fault.StatusCode);
    }

    [Fact]
    public async Task Deadlines_RacingWithAnswers_NeverTouchAnotherCall()
    {
        // Late calls end on the server in every possible moment; calls without a deadline must not notice.
        using var patient = Given.Channel(_server);
        var undisturbed = new Interop.InteropClient(patient);
        var late = Enumerable.Range(0, 1500).Select(i => Chat(DateTime.UtcNow.AddMilliseconds(i / 20.0)));
        var plain = Enumerable.Range(0, 20).Select(async worker =>
        {
            for (var i = 0; i < 100; i++)
            {
                var text = $"{worker} {i}";
                Assert.Equal(text, (await undisturbed.EchoAsync(new Ask { Text = text })).Text);
            }
        });

        await Task.WhenAll(plain.Concat(late)).WaitAsync(Given.Patience);
    }

    [Fact]
    public async Task Unary_CallerCancels_ServiceIsCancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var call = _client.EchoAsync(
            new Ask { Delay = Long, Text = "cancel" }, cancellationToken: cancellation.Token);
        await _server.Log.WhenStarted("cancel");
        cancellation.Cancel();

        var fault = await Given.Fails(async () => await call);

        Assert.Equal(StatusCode.Cancelled, fault.StatusCode);
        await _server.Log.WhenCancelled("cancel");
    }

    [Fact]
    public async Task DuplexStreaming_CallerDisposes_ServiceIsCancelled()
    {
        var call = _client.Chat();
        await call.RequestStream.WriteAsync(new Ask());
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        await call.RequestStream.WriteAsync(new Ask { Delay = Long, Text = "dispose" });

        await _server.Log.WhenStarted("dispose");
        call.Dispose();

        await _server.Log.WhenCancelled("dispose");
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
    }

    private async Task Chat(DateTime deadline)
    {
        using var call = _client.Chat(deadline: deadline);
        var fault = await Given.Fails(async () =>
        {
            while (true)
            {
                await call.RequestStream.WriteAsync(new Ask());
                await call.ResponseStream.MoveNext(CancellationToken.None);
            }
        });
        Assert.Contains(fault.StatusCode, new[] { StatusCode.DeadlineExceeded, StatusCode.Cancelled });
    }
}
