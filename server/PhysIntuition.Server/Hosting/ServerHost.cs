using Grpc.AspNetCore.Web;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using PhysIntuition.Server.Pages;
using ListenOptions = PhysIntuition.Server.ListenOptions;

namespace PhysIntuition.Server.Hosting;

/// <summary>Puts the server together; what the program runs and what the tests run is the same.</summary>
internal static class ServerHost
{
    /// <summary>Builds the server without starting it.</summary>
    /// <param name="configure">Adds settings.</param>
    /// <param name="customise">Replaces services, in tests; null: nothing.</param>
    /// <param name="begin">Begins with what takes long, while the rest is put together; null: nothing.</param>
    /// <exception cref="OptionsValidationException">Settings are wrong; the message lists all faults.</exception>
    public static WebApplication Build(
        Action<IConfigurationBuilder> configure, Action<IServiceCollection>? customise = null,
        Action<IServiceProvider>? begin = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions());
        configure(builder.Configuration);
        var settings = Sections.OfServer.Read(builder.Configuration);

        var services = builder.Services;
        settings.Register(services);
        if (settings.Get<ClusterOptions>().Store.Length > 0)
        {
            JoinCluster(builder, settings);
        }

        services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Get<ListenOptions>().DrainTime);
        AddEnvironments(services);
        services.AddSingleton<DurableCalls>();
        AddGrpc(services, settings.Get<LimitOptions>());
        services.AddRouting(); // With the regex constraint, which the slim builder leaves out.
        services.AddCors();
        customise?.Invoke(services);
        Telemetry.Add(services, settings.Get<TelemetryOptions>());
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel((_, kestrel) =>
            Listening.Configure(kestrel, settings.Get<ListenOptions>()));

        var app = builder.Build();
        begin?.Invoke(app.Services);
        SharedServices.Use(app);
        app.UseMiddleware<FaultMiddleware>();
        Origins.Use(app);
        app.UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = true });
        PageHosting.Use(app);
        AccessGate.Use(app);   // a broken token file stops the server here
        app.MapGrpcService<EnvironmentGrpcService>();
        app.MapGrpcService<LeaderboardGrpcService>();
        app.MapGrpcHealthChecksService().WithMetadata(NeededScopeAttribute.NoToken);
        app.MapGrpcReflectionService().WithMetadata(new NeededScopeAttribute(Scopes.None));
        HttpEndpoints.Map(app);
        return app;
    }

    // Apart, so that nothing of a cluster is loaded where there is none.
    private static void JoinCluster(WebApplicationBuilder builder, Settings settings)
    {
        var secret = Cluster.ClusterHosting.Add(
            builder, settings.Get<ClusterOptions>(), settings.Get<ListenOptions>().Address);
        var engine = settings.Get<EngineOptions>();
        builder.Services.AddSingleton(Microsoft.Extensions.Options.Options.Create(engine with
        {
            SnapshotSecret = engine.SnapshotSecret.Length > 0 ? engine.SnapshotSecret : $"snapshots {secret}",
            HeldoutSecret = engine.HeldoutSecret.Length > 0 ? engine.HeldoutSecret : $"held-out {secret}",
        }));
    }

    private static void AddEnvironments(IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(provider =>
            new Drain(provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ConnectionLimit>(
            provider, provider.GetRequiredService<IOptions<LimitOptions>>().Value));
        services.AddSingleton<SocketTransportFactory>();
        services.AddSingleton<IConnectionListenerFactory, LimitedTransport>();
        services.AddSingleton<Quota>();
        services.AddSingleton<TokenStore>();
        services.AddSingleton<ICallers>(own => own.GetRequiredService<TokenStore>());
        services.AddSingleton<SessionStore>();
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<Scheduler>();
        services.AddSingleton<HeldoutSeeds>();
        services.AddSingleton<SnapshotSeal>();
        services.AddSingleton<EnvironmentServices>();
        services.AddSingleton<EnvironmentCalls>();
        services.AddSingleton(provider => TaskInfos.All(provider.GetRequiredService<IOptions<LimitOptions>>().Value));
        services.AddSingleton<ServerDescription>();
        Engines.Add(services);
        LeaderboardRegistration.Add(services);
        HttpEndpoints.Add(services);
        services.AddHostedService<LeaseSweeper>();
    }

    private static void AddGrpc(IServiceCollection services, LimitOptions limits)
    {
        services.AddLogging(logging => logging
            // What it calls an error is a request that cannot be read; a handler's own failures are FaultInterceptor's.
            .AddFilter("Grpc", LogLevel.Critical)
            // Its lines are never shown, but to be able to write them every call would get an Activity and a scope.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None));
        services.AddSingleton<EnvironmentGrpcService>();   // gRPC would make one for each call
        services.AddSingleton<LeaderboardGrpcService>();
        services.AddSingleton<FaultInterceptor>();
        services.AddGrpc(grpc =>
        {
            grpc.Interceptors.Add<FaultInterceptor>();
            grpc.MaxReceiveMessageSize = limits.MaxMessageBytes;
            grpc.MaxSendMessageSize = limits.MaxMessageBytes;
        });
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks().AddCheck<DrainHealth>("environments");
    }
}

/// <summary>Tells load balancers that the server is on its way out, before it refuses anything.</summary>
internal sealed class DrainHealth(Drain drain) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(drain.Started.IsCancellationRequested
            ? HealthCheckResult.Unhealthy("The server is shutting down.")
            : HealthCheckResult.Healthy());
}

/// <summary>The server's services for every request: all are singletons, so that a scope would hold nothing.</summary>
internal sealed class SharedServices(IServiceProvider services) : IServiceProvidersFeature
{
    public IServiceProvider RequestServices
    {
        get => services;
        set => throw new NotSupportedException("Every request has the services of the server.");
    }

    /// <summary>Goes ahead of everything that asks for services.</summary>
    public static void Use(WebApplication app)
    {
        IServiceProvidersFeature shared = new SharedServices(app.Services);
        app.Use((http, next) =>
        {
            http.Features.Set(shared);
            return next(http);
        });
    }
}

/// <summary>Looks for expired leases as long as the server runs.</summary>
internal sealed partial class LeaseSweeper(
    SessionStore sessions, IOptions<LeaseOptions> options, TimeProvider time, ILogger<LeaseSweeper> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (SharedBuffers.RemoveOrphans() is > 0 and var removed)
        {
            Log.RemovedOrphans(logger, removed);
        }

        using var timer = new PeriodicTimer(options.Value.SweepEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            sessions.Sweep();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 211, Level = LogLevel.Information,
            Message = "Removed {Count} files of shared memory that a killed server left behind.")]
        public static partial void RemovedOrphans(ILogger logger, int count);
    }
}
