using System.Diagnostics;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using PhysIntuition.V1;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>One slot-step for each unary call, without simulation: what is measured is the call.</summary>
/// <remarks>Every slot of an environment answers once, one call each; then a fork of the untouched one takes
/// over.</remarks>
internal sealed class UnarySteps : IDisposable
{
    private const int Slots = 64;

    private readonly GrpcChannel _channel;
    private readonly EnvironmentService.EnvironmentServiceClient _stub;
    private readonly ByteString[] _masks = [.. Enumerable.Range(0, Slots).Select(OneHot)];
    private Metadata _headers = [];

    /// <summary>Calls to one server.</summary>
    public UnarySteps(Uri address)
    {
        _channel = GrpcChannel.ForAddress(address);
        _stub = new EnvironmentService.EnvironmentServiceClient(_channel);
    }

    /// <summary>Opens the environment that all forks come from.</summary>
    /// <param name="isDurable">Whether every step is stored before it is answered.</param>
    public async Task OpenAsync(bool isDurable = false)
    {
        var session = await _stub.OpenSessionAsync(new OpenSessionRequest { Durable = isDurable });
        _headers = new Metadata
        {
            { "physintuition-session", session.Id },
            { "physintuition-session-token", session.Token },
        };
        await _stub.CreateAsync(
            new CreateRequest { Task = "Offset-v1", Slots = Slots, Autoreset = AutoresetMode.Disabled }, _headers);
        await _stub.ResetAsync(new ResetRequest { Environment = 1, Seed = 0 }, _headers);
    }

    /// <summary>Runs loops side by side.</summary>
    /// <param name="inFlight">Loops.</param>
    /// <param name="rounds">Environments that each loop uses up.</param>
    /// <returns>Calls for each second, and the time of every call, s.</returns>
    public async Task<(double Rate, double[] Seconds)> RunAsync(int inFlight, int rounds)
    {
        var seconds = new double[inFlight][];
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(
            loop => Task.Run(async () => seconds[loop] = await LoopAsync(rounds, loop * Slots / inFlight))));
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var all = seconds.SelectMany(times => times).ToArray();
        return (all.Length / elapsed, all);
    }

    public void Dispose() => _channel.Dispose();

    // Loops begin at different slots: users do not fork in lockstep either.
    private async Task<double[]> LoopAsync(int rounds, int firstSlot)
    {
        var seconds = new List<double>(rounds * Slots);
        var numbers = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>([-40, 260]));
        for (var round = 0; round < rounds; round++)
        {
            var fork = await _stub.ForkAsync(new ForkRequest { Environment = 1 }, _headers);
            var environment = fork.Environment.Environment;
            for (var slot = round == 0 ? firstSlot : 0; slot < Slots; slot++)
            {
                var start = Stopwatch.GetTimestamp();
                await _stub.StepAsync(
                    new StepRequest { Environment = environment, Numbers = numbers, Mask = _masks[slot] }, _headers);
                seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            await _stub.CloseAsync(new CloseRequest { Environment = environment }, _headers);
        }

        return [.. seconds];
    }

    private static ByteString OneHot(int slot)
    {
        var mask = new byte[Slots];
        mask[slot] = 1;
        return ByteString.CopyFrom(mask);
    }
}
