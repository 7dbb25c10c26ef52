using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Grpc.AspNetCore.Server;
using System.Net;

namespace PhysIntuition.Compat.Grpc.Tests.Hosting;

/// <summary>A real Kestrel server on a free loopback port, HTTP/2 without TLS.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private TestServer(WebApplication application) => _application = application;

    internal string Address => _application.Urls.First();

    internal int Port => new Uri(Address).Port;

    internal CallLog Log => _application.Services.GetRequiredService<CallLog>();

    internal static Task<TestServer> Start(
        Action<GrpcServiceOptions>? options = null,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? endpoints = null) =>
        Start(options, services, endpoints, listen => listen.Protocols = HttpProtocols.Http2);

    internal static async Task<TestServer> Start(
        Action<GrpcServiceOptions>? options,
        Action<IServiceCollection>? services,
        Action<WebApplication>? endpoints,
        Action<ListenOptions> listen)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.MaxStreamsPerConnection = 2000;
            kestrel.Listen(IPAddress.Loopback, 0, listen);
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
        application.MapGrpcService<InteropService>();
        endpoints?.Invoke(application);
        await application.StartAsync();
        return new TestServer(application);
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
    }
}
