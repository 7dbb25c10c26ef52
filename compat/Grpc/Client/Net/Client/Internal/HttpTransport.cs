namespace Grpc.Net.Client.Internal;

/// <summary>Chooses what a channel sends its requests through.</summary>
internal static class HttpTransport
{
    internal static (HttpMessageInvoker Invoker, bool IsOwned) Create(GrpcChannelOptions options)
    {
        if (options.HttpClient is not null && options.HttpHandler is not null)
        {
            throw new ArgumentException("HttpClient and HttpHandler are both set; set one of them.");
        }

        if (options.HttpClient is not null)
        {
            return (options.HttpClient, options.DisposeHttpClient);
        }

        return options.HttpHandler is null
            ? (new HttpMessageInvoker(CreateHandler()), true)
            : (new HttpMessageInvoker(options.HttpHandler, options.DisposeHttpClient), options.DisposeHttpClient);
    }

    private static SocketsHttpHandler CreateHandler() => new()
    {
        EnableMultipleHttp2Connections = true,
        AllowAutoRedirect = false,
        UseCookies = false,
    };
}
