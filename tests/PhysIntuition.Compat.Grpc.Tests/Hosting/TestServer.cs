using System.Net;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace PhysIntuition.Compat.Grpc.Tests.Hosting;

/// <summary>A real Kestrel server, on a free loopback port over HTTP/2 without TLS unless a test wants other.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private TestServer(WebApplication application) => _application = application;

    internal string Address => _application.Urls.First();

    internal int Port => new Uri(Address).Port;

    internal CallLog Log => _application.Services.GetRequiredService<CallLog>();

    /// <summary>A server with the interop service.</summary>
    internal static Task<TestServer> Start(
        Action<GrpcServiceOptions>? options = null,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? endpoints = null) =>
        Start<InteropService>(options, services, endpoints);

    /// <summary>A server with another service.</summary>
    internal static Task<TestServer> Start<TService>(
        Action<GrpcServiceOptions>? options = null,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? endpoints = null)
        where TService : class =>
        Start<TService>(Loopback(HttpProtocols.Http2), options, services, endpoints);

    /// <summary>A server with the interop service that listens as told.</summary>
    internal static Task<TestServer> StartAt(
        Action<KestrelServerOptions> listen, Action<WebApplication>? pipeline = null) =>
        Start<InteropService>(listen, null, null, null, pipeline);

    /// <summary>A free port of the loopback address.</summary>
    internal static Action<KestrelServerOptions> Loopback(HttpProtocols protocols) =>
        kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols);

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
    }

    private static async Task<TestServer> Start<TService>(
        Action<KestrelServerOptions> listen,
        Action<GrpcServiceOptions>? options,
        Action<IServiceCollection>? services,
        Action<WebApplication>? endpoints,
        Action<WebApplication>? pipeline = null)
        where TService : class
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.MaxStreamsPerConnection = 2000;
            listen(kestrel);
        });
        builder.Services.AddSingleton<CallLog>();
        builder.Services.AddGrpc(shared =>
        {
            shared.MaxReceiveMessageSize = 64 << 20;
            options?.Invoke(shared);
        });
        services?.Invoke(builder.Services);
        var application = builder.Build();
        application.UseRouting();
        pipeline?.Invoke(application);
        application.MapGrpcService<TService>();
        endpoints?.Invoke(application);
        await application.StartAsync();
        return new TestServer(application);
    }
}
