using Grpc.AspNetCore.Web;
using Microsoft.Extensions.Options;
using PhysIntuition.Server.Access;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Faults;
using PhysIntuition.Server.Leaderboards;
using PhysIntuition.Server.Options;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.Server.Services;
using PhysIntuition.Server.Sessions;
using ListenOptions = PhysIntuition.Server.Options.ListenOptions;

namespace PhysIntuition.Server.Hosting;

/// <summary>Puts the server together; what the program runs and what the tests run is the same.</summary>
internal static class ServerHost
{
    /// <summary>Sections and the records that they are bound to.</summary>
    public static IReadOnlyDictionary<string, Type> Sections { get; } = new Dictionary<string, Type>
    {
        [ListenOptions.Section] = typeof(ListenOptions),
        [LeaseOptions.Section] = typeof(LeaseOptions),
        [LimitOptions.Section] = typeof(LimitOptions),
        [EngineOptions.Section] = typeof(EngineOptions),
        [TelemetryOptions.Section] = typeof(TelemetryOptions),
        [LeaderboardOptions.Section] = typeof(LeaderboardOptions),
    };

    /// <summary>Builds the server without starting it.</summary>
    /// <param name="configure">Adds settings.</param>
    /// <param name="customise">Replaces services, in tests; null: nothing.</param>
    /// <exception cref="OptionsValidationException">Settings are wrong; the message lists all faults.</exception>
    public static WebApplication Build(
        Action<IConfigurationBuilder> configure, Action<IServiceCollection>? customise = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions());
        configure(builder.Configuration);
        ThrowOnWrong(builder.Configuration);

        var services = builder.Services;
        AddOptions(services, builder.Configuration);
        AddEnvironments(services);
        AddGrpc(services, builder.Configuration);
        services.AddRouting(); // With the regex constraint, which the slim builder leaves out.
        services.AddCors();
        customise?.Invoke(services);
        Telemetry.Add(services, Read<TelemetryOptions>(builder.Configuration, TelemetryOptions.Section));
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel((_, kestrel) => Listening.Configure(kestrel,
            kestrel.ApplicationServices.GetRequiredService<IOptions<ListenOptions>>().Value));

        var app = builder.Build();
        _ = app.Services.GetRequiredService<TokenStore>(); // A broken token file stops the server here.
        SharedServices.Use(app);
        Origins.Use(app);
        app.UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = true });
        UnreadableRequests.Use(app);
        app.MapGrpcService<EnvironmentGrpcService>();
        app.MapGrpcService<LeaderboardGrpcService>();
        app.MapGrpcHealthChecksService();
        app.MapGrpcReflectionService();
        HttpEndpoints.Map(app);
        return app;
    }

    private static void AddOptions(IServiceCollection services, IConfiguration configuration)
    {
        Add<ListenOptions, ListenOptionsValidator>(services, ListenOptions.Section);
        Add<LeaseOptions, LeaseOptionsValidator>(services, LeaseOptions.Section);
        Add<LimitOptions, LimitOptionsValidator>(services, LimitOptions.Section);
        Add<EngineOptions, EngineOptionsValidator>(services, EngineOptions.Section);
        Add<TelemetryOptions, TelemetryOptionsValidator>(services, TelemetryOptions.Section);
        Add<LeaderboardOptions, LeaderboardOptionsValidator>(services, LeaderboardOptions.Section);
        // Read as it stands: the host asks for it before the options are validated.
        services.Configure<HostOptions>(
            host => host.ShutdownTimeout = Read<ListenOptions>(configuration, ListenOptions.Section).DrainTime);
    }

    private static void Add<TOptions, TValidator>(IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
        services.AddOptions<TOptions>().BindConfiguration(section).ValidateOnStart();
    }

    private static void AddEnvironments(IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<Drain>();
        services.AddSingleton<Quota>();
        services.AddSingleton<TokenStore>();
        services.AddSingleton<AccessGate>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<Scheduler>();
        services.AddSingleton<HeldoutSeeds>();
        services.AddSingleton<SnapshotSeal>();
        services.AddSingleton<EnvironmentServices>();
        services.AddSingleton<EnvironmentCalls>();
        services.AddSingleton<ServerDescription>();
        Engines.Add(services);
        LeaderboardRegistration.Add(services);
        HttpEndpoints.Add(services);
        services.AddHostedService<LeaseSweeper>();
    }

    private static void AddGrpc(IServiceCollection services, IConfiguration configuration)
    {
        var limits = Read<LimitOptions>(configuration, LimitOptions.Section);
        services.AddLogging(logging => logging
            // What it calls an error is a request that cannot be read; a handler's own failures are FaultInterceptor's.
            .AddFilter("Grpc", LogLevel.Critical)
            // Its lines are never shown, but to be able to write them every call would get an Activity and a scope.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None));
        services.AddSingleton<EnvironmentGrpcService>();   // gRPC would make one for each call
        services.AddSingleton<LeaderboardGrpcService>();
        services.AddSingleton<FaultInterceptor>();
        services.AddSingleton<AccessInterceptor>();
        services.AddGrpc(grpc =>
        {
            grpc.Interceptors.Add<FaultInterceptor>();
            grpc.Interceptors.Add<AccessInterceptor>();
            grpc.MaxReceiveMessageSize = limits.MaxMessageBytes;
            grpc.MaxSendMessageSize = limits.MaxMessageBytes;
        });
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks().AddCheck<Drain>("environments");
    }

    /// <summary>Refuses wrong settings, with the faults of all sections at once.</summary>
    /// <exception cref="OptionsValidationException">Settings are wrong.</exception>
    public static void ThrowOnWrong(IConfiguration configuration)
    {
        var faults = UnknownSettings.Find(configuration, Sections);
        Check<ListenOptions, ListenOptionsValidator>(configuration, ListenOptions.Section, faults);
        Check<LeaseOptions, LeaseOptionsValidator>(configuration, LeaseOptions.Section, faults);
        Check<LimitOptions, LimitOptionsValidator>(configuration, LimitOptions.Section, faults);
        Check<EngineOptions, EngineOptionsValidator>(configuration, EngineOptions.Section, faults);
        Check<TelemetryOptions, TelemetryOptionsValidator>(configuration, TelemetryOptions.Section, faults);
        Check<LeaderboardOptions, LeaderboardOptionsValidator>(configuration, LeaderboardOptions.Section, faults);
        if (faults.Count > 0)
        {
            throw new OptionsValidationException(Configuration.Root, typeof(ServerHost), faults);
        }
    }

    private static void Check<TOptions, TValidator>(IConfiguration configuration, string section, List<string> faults)
        where TOptions : class, new()
        where TValidator : IValidateOptions<TOptions>, new()
    {
        try
        {
            var options = Read<TOptions>(configuration, section);
            faults.AddRange(new TValidator().Validate(name: null, options).Failures ?? []);
        }
        catch (InvalidOperationException wrong)
        {
            faults.Add(wrong.Message);
        }
    }

    private static T Read<T>(IConfiguration configuration, string section)
        where T : new() => configuration.GetSection(section).Get<T>() ?? new T();
}
