using System.CommandLine;
using System.Diagnostics;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Client;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks.Clients;

/// <summary>The same work through every language's client: a batch with raw pictures, step after step.</summary>
/// <remarks>Server and client share the machine. Rounds of all languages alternate.</remarks>
internal sealed class ClientsArea : IArea
{
    private const string TaskName = "Stability-v1";
    private const int Slots = 64, Edge = 224, StepsPerRound = 12, Rounds = 7;
    private const int SmallSteps = 256;   // four snapshots' worth
    private const int WarmRounds = 6;   // until the runtime has compiled the server's loops for good

    /// <inheritdoc/>
    public string Name => "clients";

    /// <inheritdoc/>
    public string Summary =>
        "Slot-steps/s with 64 slots and 224x224 raw pictures, by client language; messages and rewards in Python.";

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        await using var server = await ServerProcess.StartNewAsync();
        await using var client = await PhysIntuitionClient.ConnectAsync(
            new ClientOptions { Address = server.Address }, cancellation);
        await using var environment = await client.CreateAsync(new EnvironmentSettings(TaskName)
        {
            Slots = Slots,
            Observe = new Observe("rgb", "info") { Width = Edge, Height = Edge },
        }, cancellation);
        await environment.ResetAsync(0, cancellation);

        using var others = new Crowd(ClientProgram.StartAll(server.Address, TaskName, Slots, Edge));
        var rates = new Dictionary<string, List<double>> { ["csharp"] = [] };
        for (var round = -WarmRounds; round < Rounds; round++)
        {
            Keep("csharp", await StepAsync(environment), round);
            foreach (var other in others.Programs)
            {
                Keep(other.Name, await other.SecondsAsync(StepsPerRound, cancellation), round);
            }
        }

        Report(figures, rates);
        await CompareRecoveryAsync(server.Address, figures, cancellation);

        void Keep(string name, double seconds, int round)
        {
            rates.TryAdd(name, []);
            if (round >= 0)
            {
                rates[name].Add(Slots * StepsPerRound / seconds);
            }
        }
    }

    private static void Report(Figures figures, Dictionary<string, List<double>> rates)
    {
        foreach (var (name, samples) in rates.Where(rate => !rate.Key.Contains(' ', StringComparison.Ordinal)))
        {
            figures.AddMedian($"{name}_slot_steps", samples, "slot-steps/s");
            if (name != "csharp")
            {
                var ratios = Clock.Ratios([.. samples], [.. rates["csharp"]]);
                figures.AddMedian($"{name}_vs_csharp", ratios, "x", name == "python" ? Mark.AtLeast(0.7) : null);
            }
        }

        if (rates.TryGetValue("python", out var pictures))
        {
            ReportPython(figures, pictures, rates["python messages"], rates["python rewards"]);
        }
    }

    // What being able to bring a session back costs while nothing is lost: small replies, where it would show.
    private static async Task CompareRecoveryAsync(Uri address, Figures figures, CancellationToken cancellation)
    {
        await using var kept = await ConnectAsync(recovers: true);
        await using var plain = await ConnectAsync(recovers: false);
        await using var first = await OpenAsync(kept);
        await using var second = await OpenAsync(plain);
        var (with, without) = (new List<double>(), new List<double>());
        for (var round = -WarmRounds; round < Rounds; round++)
        {
            var (one, other) = (await StepAsync(first, SmallSteps), await StepAsync(second, SmallSteps));
            if (round >= 0)
            {
                with.Add(1 / one);
                without.Add(1 / other);
            }
        }

        figures.AddMedian(
            "recover_vs_not", Clock.Ratios([.. with], [.. without]), "x", Mark.AtLeast(0.85));

        Task<PhysIntuitionClient> ConnectAsync(bool recovers) => PhysIntuitionClient.ConnectAsync(
            new ClientOptions { Address = address, Recover = recovers }, cancellation);

        async Task<IEnvironment> OpenAsync(PhysIntuitionClient client)
        {
            var environment = await client.CreateAsync(
                new EnvironmentSettings("OffsetX-v1") { Slots = Slots, Observe = new Observe("seed") }, cancellation);
            await environment.ResetAsync(0, cancellation);
            return environment;
        }
    }

    // What trainers take: messages with PNG files as data URIs beside raw pictures, and batches of answers scored.
    private static void ReportPython(
        Figures figures, List<double> pictures, List<double> messages, List<double> rewards)
    {
        figures.AddMedian("messages_per_s", messages, "messages/s");
        figures.AddMedian("messages_vs_raw", Clock.Ratios([.. messages], [.. pictures]), "x", Mark.AtLeast(0.5));
        figures.AddMedian("trl_reward_calls_per_s", [.. rewards.Select(rate => rate / Slots)], "calls of 64 answers/s");
    }

    // Seconds of one round.
    private static async Task<double> StepAsync(IEnvironment environment, int steps = StepsPerRound)
    {
        var actions = new float[Slots];
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < steps; i++)
        {
            await environment.StepAsync(actions);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private sealed record Crowd(IReadOnlyList<ClientProgram> Programs) : IDisposable
    {
        public void Dispose()
        {
            foreach (var program in Programs)
            {
                program.Dispose();
            }
        }
    }
}
