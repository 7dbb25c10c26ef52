using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace PhysIntuition.Compat.Grpc.Tests.Hosting;

/// <summary>An HTTP/2 server that answers whatever a test tells it to, right or wrong.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private RawServer(WebApplication application) => _application = application;

    internal string Address => _application.Urls.First();

    internal static async Task<RawServer> Start(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var application = builder.Build();
        application.Run(answer);
        await application.StartAsync();
        return new RawServer(application);
    }

    /// <summary>Answers with this body and these trailers.</summary>
    internal static Task<RawServer> Answering(byte[] body, params (string Name, string Value)[] trailers) =>
        Start(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(body);
            foreach (var (name, value) in trailers)
            {
                context.Response.AppendTrailer(name, value);
            }
        });

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
