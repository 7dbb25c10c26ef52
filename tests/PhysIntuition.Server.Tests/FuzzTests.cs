using System.Diagnostics;
using System.Globalization;

namespace PhysIntuition.Server.Tests;

/// <summary>Every parser survives nearly good inputs; `./physintuition test --fuzz` feeds a million.</summary>
/// <remarks>
/// What was found stands in Fuzzing/found as TARGET-NAME.bin and is fed before anything else. A failure prints the
/// input in Base64: decode it into such a file.
/// </remarks>
public sealed class FuzzTests(FuzzTests.Shared shared) : IClassFixture<FuzzTests.Shared>
{
    // Shares of a run; those that simulate or go over a socket are slower and get less.
    private static readonly (string Name, double Share, Func<RunningServer, IFuzzTarget> Create)[] s_targets =
    [
        ("answers", 0.25, _ => new AnswerTarget()),
        ("options", 0.15, _ => new OptionsTarget()),
        ("settings", 0.04, _ => new SettingsTarget()),
        ("files", 0.12, _ => new FileTarget()),
        ("states", 0.12, _ => new StateTarget()),
        ("messages", 0.15, server => new MessageTarget(server.Services)),
        ("datasets", 0.02, server => new DatasetTarget(server.Services)),
        ("bodies", 0.08, server => new BodyTarget(server.Services)),
        ("queries", 0.01, server => new QueryTarget(server.Services)),
        ("sockets", 0.04, server => new SocketTarget(server.Services)),
        ("frames", 0.02, server => new FrameTarget(server)),
    ];

    public static TheoryData<string> Targets => [.. s_targets.Select(target => target.Name)];

    private static int Inputs => Setting("FUZZ_INPUTS", 8_000);

    private static int Seed => Setting("FUZZ_SEED", 1);

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Parser_FedNearlyGoodInputs_ThrowsNothingUnforeseen(string name)
    {
        var (_, share, create) = s_targets.Single(target => target.Name == name);
        var target = create(shared.Server);
        using var end = target as IDisposable;
        foreach (var file in Found(name))
        {
            await FeedAsync(target, File.ReadAllBytes(file), Path.GetFileName(file));
        }

        var mutator = new Mutator(target.Seeds, Seed);
        var count = (int)Math.Ceiling(Inputs * share);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            await FeedAsync(target, mutator.Next(), $"input {i} of seed {Seed}");
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(FormattableString.Invariant(
            $"fuzz {name}: {count} inputs from seed {Seed} in {seconds:0.0} s, nothing unforeseen"));
    }

    private static async Task FeedAsync(IFuzzTarget target, byte[] input, string which)
    {
        try
        {
            await target.FeedAsync(input);
        }
        catch (Exception unforeseen)
        {
            Assert.Fail($"{which} gave {unforeseen}\nThe input, Base64: {Convert.ToBase64String(input)}");
        }
    }

    private static IEnumerable<string> Found(string name) =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Fuzzing/found"), $"{name}-*.bin").Order();

    private static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : usual;

    /// <summary>One small server for all targets.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        public RunningServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await RunningServer.StartAsync(
            "Limits:MaxSlotsPerEnvironment=4", "Limits:MaxSlotsPerSession=64", "Limits:MaxPictureEdge=64",
            "Limits:MaxEnvironmentsPerSession=8", "Limits:MaxScoreAnswers=8", "Limits:MaxDatasetRows=8",
            "Limits:MaxReplayWindow=4", "Limits:MaxTextBytes=4096", "Limits:MaxBufferBytesPerSession=16777216");

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}

/// <summary>A parser, and whatever stands behind it, that must survive any bytes.</summary>
internal interface IFuzzTarget
{
    /// <summary>Good inputs to start from.</summary>
    IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Feeds one input; throws whatever the parser must not throw, and swallows what it may.</summary>
    Task FeedAsync(byte[] input);
}
