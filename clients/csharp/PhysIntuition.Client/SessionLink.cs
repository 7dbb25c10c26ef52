using System.Security.Cryptography;
using Grpc.Core;

namespace PhysIntuition.Client;

/// <summary>A session: its id and secret, and how to open and resume it.</summary>
internal sealed class SessionLink(Servers servers, ClientOptions options)
{
    private const string IdHeader = "physintuition-session";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);   // for a server that is there but silent

    // Names the session before it is opened, so that a load balancer that hashes the name sends OpenSession where it
    // sends the calls after it.
    private Metadata _opening = Opening(options);

    private SessionInfo? _session;

    /// <summary>Metadata of calls within the session.</summary>
    public Metadata Headers { get; private set; } = [];

    /// <summary>Metadata of calls without one.</summary>
    public Metadata Anonymous { get; } = WithToken([], options.ApiToken);

    /// <summary>Opens the session at first, resumes it later.</summary>
    public async Task<SessionInfo> OpenAsync(CancellationToken cancellation)
    {
        var request = new OpenSessionRequest
        {
            Client = options.Name,
            LeaseSeconds = (uint)(options.Lease?.TotalSeconds ?? 0),
            ResumeId = _session?.Id ?? "",
            ResumeToken = _session?.Token ?? "",
            Durable = options.Durable,
        };
        var deadline = DateTime.UtcNow + s_patience;
        var info = await servers.AskAsync(stub => stub.OpenSessionAsync(request, _opening, deadline, cancellation))
            .ConfigureAwait(false);
        if (_session is null)
        {
            _session = info;
            Headers = WithToken(
                new Metadata
                {
                    { IdHeader, info.Id },
                    { "physintuition-session-token", info.Token },
                },
                options.ApiToken);
        }

        return info;
    }

    /// <summary>The server does not know the session: the next call opens another one.</summary>
    public void Forget() => (_session, _opening) = (null, Opening(options));

    private static Metadata Opening(ClientOptions options) => WithToken(new Metadata
    {
        { IdHeader, RandomNumberGenerator.GetHexString(32, lowercase: true) },
    }, options.ApiToken);

    private static Metadata WithToken(Metadata headers, string? token)
    {
        if (token is not null)
        {
            headers.Add("authorization", $"Bearer {token}");
        }

        return headers;
    }
}
