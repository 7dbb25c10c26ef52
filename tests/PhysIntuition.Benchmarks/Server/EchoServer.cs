using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>Kestrel on a loopback port with the echo service and a bare endpoint that echoes bytes.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    internal const string BarePath = "/physintuition.benchmarks.v1.Bare/Call";

    private readonly WebApplication _application;

    private EchoServer(WebApplication application) => _application = application;

    /// <summary>Such as http://127.0.0.1:40001.</summary>
    internal string Address => _application.Urls.First();

    internal static async Task<EchoServer> Start()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<EchoService>();
        var application = builder.Build();
        application.UseRouting();
        application.MapGrpcService<EchoService>();
        application.MapPost(BarePath, EchoBytes);
        await application.StartAsync();
        return new EchoServer(application);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    // What Kestrel alone costs: read to the end, write the same bytes, one trailer.
    private static async Task EchoBytes(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync();
            foreach (var segment in read.Buffer)
            {
                segment.Span.CopyTo(context.Response.BodyWriter.GetSpan(segment.Length));
                context.Response.BodyWriter.Advance(segment.Length);
            }

            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                context.Response.AppendTrailer("grpc-status", "0");
                return;
            }
        }
    }
}

/// <summary>Answers with the request itself, so that only the call is measured.</summary>
internal sealed class EchoService : Echo.EchoBase
{
    public override Task<EchoMessage> Call(EchoMessage request, ServerCallContext context) => Task.FromResult(request);

    public override async Task Stream(
        IAsyncStreamReader<EchoMessage> requestStream,
        IServerStreamWriter<EchoMessage> responseStream,
        ServerCallContext context)
    {
        await foreach (var request in requestStream.ReadAllAsync())
        {
            await responseStream.WriteAsync(request);
        }
    }
}
