using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using PhysIntuition.V1;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>Thousands of sessions at once, and as many requests.</summary>
internal sealed class Crowd(Uri address, Tally tally) : IDisposable
{
    private const int Connections = 8, OpenersPerConnection = 8;

    private readonly GrpcChannel[] _channels =
        [.. Enumerable.Range(0, Connections).Select(_ => GrpcChannel.ForAddress(address))];

    private Metadata[] _sessions = [];

    /// <summary>Opens sessions, each with an environment that holds an episode.</summary>
    public async Task OpenAsync(int count)
    {
        _sessions = new Metadata[count];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Connections * OpenersPerConnection).Select(async opener =>
        {
            var stub = Stub(opener);
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                _sessions[i] = await OpenOneAsync(stub, i);
            }
        }));
    }

    /// <summary>One step in each of so many sessions, all sent before any is awaited.</summary>
    /// <returns>Seconds until the last reply.</returns>
    public async Task<double> StepAtOnceAsync(int count)
    {
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, count).Select(i =>
            JudgeAsync(StepAsync(i, _sessions[i % _sessions.Length]), "at_once")));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>As many renders in one session: far more than it has places for.</summary>
    public Task RushOneSessionAsync(int count) => Task.WhenAll(Enumerable.Range(0, count).Select(i => JudgeAsync(
        Stub(i).RenderAsync(new RenderRequest { Environment = 1 }, _sessions[0]).ResponseAsync, "rush")));

    /// <summary>Closes all sessions.</summary>
    public async Task CloseAsync()
    {
        foreach (var part in _sessions.Chunk(256))
        {
            await Task.WhenAll(part.Select((headers, i) =>
                Stub(i).CloseSessionAsync(new CloseSessionRequest(), headers).ResponseAsync));
        }
    }

    public void Dispose()
    {
        foreach (var channel in _channels)
        {
            channel.Dispose();
        }
    }

    private EnvironmentService.EnvironmentServiceClient Stub(int i) => new(_channels[i % Connections]);

    private Task StepAsync(int i, Metadata headers) => Stub(i).StepAsync(new StepRequest
    {
        Environment = 1,
        StepId = 2,
        Texts = new TextActions { Answers = { "<answer>yes</answer>" } },
    }, headers).ResponseAsync;

    private static async Task<Metadata> OpenOneAsync(EnvironmentService.EnvironmentServiceClient stub, int seed)
    {
        var session = await stub.OpenSessionAsync(new OpenSessionRequest { Client = "load" });
        var headers = new Metadata
        {
            { "physintuition-session", session.Id },
            { "physintuition-session-token", session.Token },
        };
        await stub.CreateAsync(new CreateRequest { Task = "Stability-v1", Slots = 1 }, headers);
        await stub.ResetAsync(new ResetRequest { Environment = 1, Seed = (ulong)seed, StepId = 1 }, headers);
        return headers;
    }

    // A refusal is in order if it says which limit it is and how to go on.
    private async Task JudgeAsync(Task call, string prefix)
    {
        try
        {
            await call;
            tally.Add($"{prefix}_ok");
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.ResourceExhausted &&
            refused.Trailers.GetValueBytes("physintuition-error-bin") is { } bytes &&
            Error.Parser.ParseFrom(bytes) is { Option.Length: > 0, RetryAfterMs: > 0 })
        {
            tally.Add($"{prefix}_refused");
        }
        catch (RpcException failure)
        {
            tally.Complain("unannounced_errors", failure.Status.ToString());
        }
    }
}
