using System.CommandLine;
using System.Diagnostics;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using PhysIntuition.Benchmarks.Reports;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>What a gRPC call costs, client and server in one process over loopback, beside bare HTTP/2.</summary>
internal sealed class CallsArea : IArea
{
    private const int Rounds = 5, InFlight = 32, MessageSize = 100;
    private const int CallsPerRound = 20_000, CallsOneByOne = 4_000, StreamMessages = 40_000;

    /// <inheritdoc/>
    public string Name => "calls";

    /// <inheritdoc/>
    public string Summary => "gRPC calls: unary and streamed, calls/s, latency, bytes allocated.";

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        await using var server = await EchoServer.Start();
        using var channel = GrpcChannel.ForAddress(server.Address);
        var client = new Echo.EchoClient(channel);
        var message = new EchoMessage { Body = ByteString.CopyFrom(new byte[MessageSize]) };
        using var bare = new BareClient(server.Address, new byte[MessageSize + 7]);
        Task Call() => client.CallAsync(message, cancellationToken: cancellation).ResponseAsync;

        var (calls, bareCalls) = await Throughput(Call, bare.Call);
        figures.AddMedian("unary_32_in_flight", calls.Rates, "calls/s", Mark.AtLeast(15_000));
        figures.AddMedian("bare_http2_32_in_flight", bareCalls.Rates, "requests/s");
        figures.AddMedian("unary_over_bare_rate", Clock.Ratios(calls.Rates, bareCalls.Rates), "x");
        figures.AddMedian("unary_cpu", calls.CpuSeconds, "s/call");
        figures.AddMedian("bare_http2_cpu", bareCalls.CpuSeconds, "s/request");
        figures.AddMedian("unary_allocated", calls.Allocated, "B/call");
        figures.AddMedian("bare_http2_allocated", bareCalls.Allocated, "B/request");

        var latencies = await Latencies(Call);
        figures.Add("unary_1_in_flight_p50", Statistics.Quantile(latencies, 0.5), "s", Mark.AtMost(0.3e-3));
        figures.Add("unary_1_in_flight_p99", Statistics.Quantile(latencies, 0.99), "s");
        figures.Add("bare_http2_1_in_flight_p50", Statistics.Quantile(await Latencies(bare.Call), 0.5), "s");
        figures.AddMedian("duplex_pipelined", await StreamRates(client, message), "messages/s");
    }

    private static async Task<(Load First, Load Second)> Throughput(Func<Task> first, Func<Task> second)
    {
        var loads = (First: new Load(), Second: new Load());
        for (var round = -2; round < Rounds; round++)
        {
            await loads.First.Measure(first, round >= 0);
            await loads.Second.Measure(second, round >= 0);
        }

        return loads;
    }

    private static async Task<double[]> Latencies(Func<Task> call)
    {
        var seconds = new double[CallsOneByOne];
        for (var i = -CallsOneByOne / 4; i < seconds.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await call();
            seconds[Math.Max(i, 0)] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        return seconds;
    }

    private static async Task<double[]> StreamRates(Echo.EchoClient client, EchoMessage message)
    {
        var rates = new double[Rounds];
        for (var round = 0; round < Rounds; round++)
        {
            using var call = client.Stream();
            var start = Stopwatch.GetTimestamp();
            var reading = Drain(call.ResponseStream);
            for (var i = 0; i < StreamMessages; i++)
            {
                await call.RequestStream.WriteAsync(message);
            }

            await call.RequestStream.CompleteAsync();
            rates[round] = await reading / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        return rates;
    }

    private static async Task<int> Drain(IAsyncStreamReader<EchoMessage> responses)
    {
        var count = 0;
        await foreach (var _ in responses.ReadAllAsync())
        {
            count++;
        }

        return count;
    }

    /// <summary>Rates and allocations of one kind of call, round by round.</summary>
    private sealed class Load
    {
        private readonly List<double> _rates = [];
        private readonly List<double> _cpuSeconds = [];
        private readonly List<double> _allocated = [];

        internal double[] Rates => [.. _rates];

        internal double[] CpuSeconds => [.. _cpuSeconds];

        internal double[] Allocated => [.. _allocated];

        internal async Task Measure(Func<Task> call, bool isCounted)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var cpu = Environment.CpuUsage.TotalTime;
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Repeat(call)));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (isCounted)
            {
                _rates.Add(CallsPerRound / seconds);
                _cpuSeconds.Add((Environment.CpuUsage.TotalTime - cpu).TotalSeconds / CallsPerRound);
                _allocated.Add((GC.GetTotalAllocatedBytes(precise: true) - before) / (double)CallsPerRound);
            }
        }

        private static async Task Repeat(Func<Task> call)
        {
            for (var i = 0; i < CallsPerRound / InFlight; i++)
            {
                await call().ConfigureAwait(false);
            }
        }
    }
}

/// <summary>The rival: the same headers and bytes over the same HTTP/2 stack, with no gRPC at either end.</summary>
internal sealed class BareClient(string address, byte[] message) : IDisposable
{
    private readonly Uri _uri = new(address + EchoServer.BarePath);
    private readonly byte[] _buffer = new byte[message.Length + 16];
    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler
    {
        EnableMultipleHttp2Connections = true,
        AllowAutoRedirect = false,
        UseCookies = false,
    });

    public void Dispose() => _invoker.Dispose();

    internal async Task Call()
    {
        using var content = new ByteArrayContent(message);
        using var request = new HttpRequestMessage(HttpMethod.Post, _uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        request.Headers.TryAddWithoutValidation("User-Agent", "grpc-bare/1.0");
        request.Headers.TryAddWithoutValidation("grpc-accept-encoding", "identity,gzip,deflate");
        using var response = await _invoker.SendAsync(request, CancellationToken.None).ConfigureAwait(false);
        var body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        while (await body.ReadAsync(_buffer).ConfigureAwait(false) > 0)
        {
        }
    }
}
