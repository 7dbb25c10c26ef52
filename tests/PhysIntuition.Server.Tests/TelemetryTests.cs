using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>What the server says about itself, as a receiver of OTLP over gRPC hears it.</summary>
/// <remarks>Alone: servers in one process share a meter's name, and the SDK ends a metric with any of them.</remarks>
[Collection(nameof(TelemetryTests))]
[CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true)]
public sealed class TelemetryTests
{
    private static readonly string[] s_metrics =
    [
        "physintuition.slot_steps", "physintuition.pixels", "physintuition.batch.worlds", "physintuition.queue.depth",
        "physintuition.queue.wait", "physintuition.begin.time", "physintuition.simulation.time",
        "physintuition.finish.time", "physintuition.call.time", "physintuition.allocated",
        "http.server.request.duration", "dotnet.gc.collections", "kestrel.active_connections",
    ];

    private static readonly string[] s_spans = ["step", "reset", "queue", "begin", "simulate", "finish"];

    [Fact]
    public async Task Export_OfAServerAtWork_ReachesAReceiver()
    {
        await using var receiver = await Receiver.StartAsync();
        await using (var server = await RunningServer.StartAsync(
            $"Telemetry:OtlpEndpoint={receiver.Address}", "Telemetry:ExportEvery=00:00:00.2", "Telemetry:TraceRatio=1"))
        {
            var headers = await server.OpenAsync();
            await server.Stub.CreateAsync(Given.Create(3, "rgb"), headers);
            await server.Stub.ResetAsync(new ResetRequest { Environment = 1, Seed = 1 }, headers);
            await server.Stub.StepAsync(Given.Step(1, rows: 3), headers);
            await Given.RefusalAsync(server.Stub.CloseAsync(new CloseRequest { Environment = 1 }));
            // Paths of field numbers: resource, scope, then the metric, span or record, and its name or text.
            await receiver.HearAsync("Metrics", s_metrics, 1, 2, 2, 1);
            await receiver.HearAsync("Trace", s_spans, 1, 2, 2, 5);
            await receiver.HearAsync("Logs", ["Refused"], 1, 2, 2, 5, 1);
        }
    }

    [Fact]
    public async Task Export_ToThisMachineBesideAProxy_IsNotSentThere()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var server = new ServerProcess(
            $"Telemetry:OtlpEndpoint={receiver.Address}", "Telemetry:ExportEvery=00:00:00.2");
        await server.StartAsync(("http_proxy", "http://127.0.0.1:9")); // Nobody listens there.

        await receiver.HearAsync("Metrics", ["physintuition.sessions"], 1, 2, 2, 1);
    }

    [Fact]
    public void EventIds_OfAllLogLines_AreUnique()
    {
        var ids =
            from type in typeof(PhysIntuition.Server.Hosting.ServerHost).Assembly.GetTypes()
            from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            let message = method.GetCustomAttribute<LoggerMessageAttribute>()
            where message is not null
            group type.FullName + "." + method.Name by message.EventId;

        Assert.NotEmpty(ids);
        Assert.All(ids, id => Assert.Single(id));
    }

    /// <summary>OTLP's three services, at the level of the wire.</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Kind, byte[] Message)> _heard = new();
        private readonly WebApplication _app;

        private Receiver()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
                System.Net.IPAddress.Loopback,
                0, endpoint => endpoint.Protocols = HttpProtocols.Http2));
            _app = builder.Build();
            foreach (var kind in new[] { "Metrics", "Trace", "Logs" })
            {
                var path = $"/opentelemetry.proto.collector.{kind.ToLowerInvariant()}.v1.{kind}Service/Export";
                _app.MapPost(path, http => AnswerAsync(http, kind));
            }
        }

        public string Address => _app.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.First();

        public static async Task<Receiver> StartAsync()
        {
            var receiver = new Receiver();
            await receiver._app.StartAsync();
            return receiver;
        }

        /// <summary>All texts at a path of field numbers.</summary>
        public HashSet<string> Texts(string kind, params int[] path) =>
        [
            .. from heard in _heard
               where heard.Kind == kind
               from bytes in At([heard.Message], path)
               select Encoding.UTF8.GetString(bytes),
        ];

        /// <summary>Waits until texts that begin with these words have come.</summary>
        public async Task HearAsync(string kind, string[] words, params int[] path)
        {
            var clock = Stopwatch.StartNew();
            while (Missing() is { Length: > 0 } missing)
            {
                Assert.True(clock.Elapsed < RunningServer.Patience, $"{kind} lack {string.Join(", ", missing)}.");
                await Task.Delay(50);
            }

            string[] Missing()
            {
                var texts = Texts(kind, path);
                return [.. words.Where(word => !texts.Any(text => text.StartsWith(word, StringComparison.Ordinal)))];
            }
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task AnswerAsync(HttpContext http, string kind)
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            _heard.Enqueue((kind, body.ToArray()[5..])); // after the frame's header: a flag and a length
            http.Response.ContentType = "application/grpc";
            await http.Response.Body.WriteAsync(new byte[5]);
            http.Response.AppendTrailer("grpc-status", "0");
        }

        private static IEnumerable<byte[]> At(IEnumerable<byte[]> messages, ReadOnlySpan<int> path)
        {
            foreach (var field in path)
            {
                messages = messages.SelectMany(message => Fields(message, field)).ToArray();
            }

            return messages;
        }

        private static List<byte[]> Fields(byte[] message, int wanted)
        {
            var found = new List<byte[]>();
            var input = new CodedInputStream(message);
            for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
            {
                if (WireFormat.GetTagFieldNumber(tag) == wanted &&
                    WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                {
                    found.Add(input.ReadBytes().ToByteArray());
                }
                else
                {
                    input.SkipLastField();
                }
            }

            return found;
        }
    }
}
