using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using PhysIntuition.Server.Hosting;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>The real server in this process, on a free port, over real HTTP/2.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    // For tests that do not look at it: what a server writes belongs to its user, whom tests leave alone.
    private static readonly Lazy<string> s_folder = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("physintuition-tests").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    });

    private readonly WebApplication _app;

    private RunningServer(WebApplication app)
    {
        _app = app;
        Address = Listening.AddressOf(app.Services.GetRequiredService<IServer>());
        HttpAddress = Listening.HttpAddressOf(app.Services.GetRequiredService<IServer>())!;
        Channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
        Stub = new EnvironmentService.EnvironmentServiceClient(Channel);
    }

    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    public Uri Address { get; }

    public Uri HttpAddress { get; }

    public GrpcChannel Channel { get; }

    public EnvironmentService.EnvironmentServiceClient Stub { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a server with settings such as "Limits:MaxSessions=2".</summary>
    public static Task<RunningServer> StartAsync(params string[] settings) => StartAsync(_ => { }, settings);

    public static Task<RunningServer> StartAsync(TimeProvider? time, params string[] settings) =>
        StartAsync(services => services.Replace(ServiceDescriptor.Singleton(time ?? TimeProvider.System)), settings);

    /// <summary>Starts a server with services of the test's own.</summary>
    public static async Task<RunningServer> StartAsync(Action<IServiceCollection> replace, params string[] settings)
    {
        var all = settings.Prepend("Leaderboard:BaselineScenes=0").Prepend($"Leaderboard:Folder={s_folder.Value}")
            .Append("Listen:Port=0");
        var app = ServerHost.Build(
            configuration => PhysIntuition.Server.Hosting.Configuration.AddSources(
                configuration, null, all.Select(PhysIntuition.Server.Hosting.Configuration.ParseSetting)),
            services =>
            {
                services.AddLogging(logging => logging.ClearProviders());
                replace(services);
            });
        await app.StartAsync().WaitAsync(Patience);
        return new RunningServer(app);
    }

    /// <summary>Metadata of a new session.</summary>
    public async Task<Metadata> OpenAsync(uint leaseSeconds = 0)
    {
        var session = await Stub.OpenSessionAsync(new OpenSessionRequest
        {
            Client = "tests",
            LeaseSeconds = leaseSeconds,
        });
        return Headers(session);
    }

    public static Metadata Headers(SessionInfo session) => new()
    {
        { "physintuition-session", session.Id },
        { "physintuition-session-token", session.Token },
    };

    /// <summary>What /metrics tells under a name, over all its labels.</summary>
    public async Task<double> ReadMetricAsync(string name)
    {
        using var http = new HttpClient { Timeout = Patience };
        return (await http.GetStringAsync(new Uri(HttpAddress, "/metrics"))).Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>A clock that moves when the test says so.</summary>
public sealed class TestTime : TimeProvider
{
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp());

    public void Advance(TimeSpan time) => Interlocked.Add(ref _now, time.Ticks);

    // Timers follow the real clock: sweeps are called by the tests themselves.
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, dueTime, period);
}
