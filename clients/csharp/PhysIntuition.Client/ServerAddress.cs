using System.Net.Sockets;
using System.Text.RegularExpressions;
using Grpc.Core;

namespace PhysIntuition.Client;

/// <summary>Where a server is: one form of address in every client and command.</summary>
public static partial class ServerAddress
{
    /// <summary>Environment variable that names a server for whoever is given no address.</summary>
    public const string Variable = "PHYSINTUITION_SERVER";

    private const string Usual = "127.0.0.1:50051";
    private const string UsualPort = "50051";

    /// <summary>What <see cref="Variable"/> names, else http://127.0.0.1:50051.</summary>
    /// <exception cref="FormatException">The variable holds no address.</exception>
    public static Uri Default => All[0];

    /// <summary>Likewise, where it names several, separated by commas.</summary>
    /// <exception cref="FormatException">The variable holds no addresses.</exception>
    public static IReadOnlyList<Uri> All =>
        ParseAll(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : Usual);

    /// <summary>Reads one address or several, separated by commas.</summary>
    /// <exception cref="FormatException">One has another form; the message says which there are.</exception>
    public static IReadOnlyList<Uri> ParseAll(string addresses) => [.. addresses.Split(',').Select(Parse)];

    /// <summary>Reads HOST:PORT with or without http:// or https://, or unix:PATH.</summary>
    /// <exception cref="FormatException">It has another form; the message says which there are.</exception>
    public static Uri Parse(string address)
    {
        var text = address.Trim();
        if (text.StartsWith("unix:", StringComparison.Ordinal))
        {
            return new Uri("unix://" + Path.GetFullPath(text["unix:".Length..].Replace("//", "/")));
        }

        var hasScheme = text.Contains("://", StringComparison.Ordinal);
        var isComplete = hasScheme || Port().IsMatch(text);
        var whole = hasScheme ? text : isComplete ? $"http://{text}" : $"http://{text}:{UsualPort}";
        return Uri.TryCreate(whole, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            && uri is { PathAndQuery: "/", UserInfo: "", Host.Length: > 0 }
            ? uri
            : throw new FormatException(
                $"'address' is '{address}'; it must be HOST:PORT, http://HOST:PORT, https://HOST:PORT or unix:PATH, " +
                $"for example {Usual}.");
    }

    /// <summary>How connections are made there: to this machine never through a proxy.</summary>
    public static SocketsHttpHandler CreateHandler(Uri address)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = !IsLocal(address),
            EnableMultipleHttp2Connections = true,
        };
        if (address.Scheme == "unix")
        {
            handler.ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(address.LocalPath), cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            };
        }

        return handler;
    }

    /// <summary>The server is on this machine.</summary>
    internal static bool IsLocal(Uri address) => address.Scheme == "unix" || address.IsLoopback;

    /// <summary>What gRPC calls the server; a path is no name.</summary>
    internal static Uri Authority(Uri address) => address.Scheme == "unix" ? new Uri("http://localhost") : address;

    /// <summary>No server has answered: nobody was reached, or the connection broke, be it while it was being made.
    /// </summary>
    internal static bool IsAway(RpcException failure) => failure.StatusCode == StatusCode.Unavailable
        || (failure.StatusCode == StatusCode.Internal && IsOfTheConnection(failure.Status.DebugException));

    /// <summary>Nobody knows whether the call was carried out; it may be made again.</summary>
    internal static bool IsUncertain(RpcException failure) =>
        IsAway(failure) || failure.StatusCode == StatusCode.DeadlineExceeded;

    private static bool IsOfTheConnection(Exception? cause) => cause is IOException or SocketException
        || (cause is HttpRequestException && (cause.InnerException is null || IsOfTheConnection(cause.InnerException)));

    /// <summary>Why nobody could be reached, with the remedy; null: the failure does not say.</summary>
    internal static string? WhyUnreachable(RpcException failure)
    {
        const string remedy =
            $"Start a server with './physintuition serve', or name another as Address or in {Variable}.";
        for (var cause = failure.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            switch ((cause as SocketException)?.SocketErrorCode)
            {
                case SocketError.ConnectionRefused or SocketError.AddressNotAvailable:
                    return $"Nobody listens there: {failure.Status.DebugException!.Message}. {remedy}";
                case SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData:
                    return $"There is no such machine: {failure.Status.DebugException!.Message}. {remedy}";
                case SocketError.ConnectionReset or SocketError.ConnectionAborted:
                    return $"Whoever listens there hung up: {failure.Status.DebugException!.Message} Is a server " +
                        "being started or stopped? Then try again.";
            }
        }

        return null;
    }

    [GeneratedRegex(@":\d+$")]
    private static partial Regex Port();
}
