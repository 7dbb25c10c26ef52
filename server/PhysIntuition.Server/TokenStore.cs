using ListenOptions = PhysIntuition.Server.ListenOptions;

namespace PhysIntuition.Server;

/// <summary>The tokens in force; follows its file, so that a revoked token ends within a second.</summary>
internal sealed partial class TokenStore : ICallers
{
    private static readonly TimeSpan s_checkEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly Quota _server;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Caller? _everybody;
    private Dictionary<string, (ApiToken Token, Caller Caller)> _tokens = [];
    private long _checked;
    private DateTime _written;

    public TokenStore(IOptions<ListenOptions> options, Quota server, TimeProvider time, ILogger<TokenStore> logger)
    {
        (_path, _server, _time, _logger) = (options.Value.TokenFile, server, time, logger);
        if (_path.Length == 0)
        {
            _everybody = new Caller("everybody", Scopes.Play | Scopes.Score | Scopes.Admin, server)
            {
                IsEverybody = true,
            };
        }
        else
        {
            Load();
        }
    }

    /// <summary>Who sends this Authorization header.</summary>
    /// <exception cref="PhysIntuitionException">NOT_AUTHENTICATED: no token, or none that is in force.</exception>
    public Caller Authenticate(string? authorization)
    {
        if (_everybody is not null)
        {
            return _everybody;
        }

        const string scheme = "Bearer ";
        if (authorization is null || !authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
        {
            Throw.NotAuthenticated("authorization", "The call has no API token. Send 'authorization: Bearer TOKEN'; " +
                "whoever runs the server makes one with `./physintuition tokens create NAME --scopes play`.");
        }

        if (!ApiToken.TryParse(authorization[scheme.Length..].Trim(), out var id, out var secret) ||
            Find(id) is not { } found || !found.Token.Admits(secret))
        {
            Throw.NotAuthenticated("authorization",
                "The API token is unknown here or was revoked. Send one that this server's token file holds.");
            return null;
        }

        if (found.Token.Expires <= _time.GetUtcNow())
        {
            found.Caller.End($"expired at {found.Token.Expires:u}");
        }

        found.Caller.ThrowIfEnded();
        return found.Caller;
    }

    /// <inheritdoc/>
    public Caller? FindCaller(string id) => _everybody is null ? Find(id)?.Caller : null;

    private (ApiToken Token, Caller Caller)? Find(string id)
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_checked) >= s_checkEvery)
            {
                Reload();
            }

            return _tokens.TryGetValue(id, out var found) ? found : null;
        }
    }

    // A file that is being edited by hand may be broken for a moment: the tokens that were in force stay.
    private void Reload()
    {
        _checked = _time.GetTimestamp();
        try
        {
            if (File.GetLastWriteTimeUtc(_path) != _written)
            {
                Load();
            }
        }
        catch (Exception wrong) when (wrong is PhysIntuitionException or IOException or UnauthorizedAccessException)
        {
            Log.KeptOld(_logger, _path, wrong.Message);
        }
    }

    private void Load()
    {
        _checked = _time.GetTimestamp();
        var written = File.GetLastWriteTimeUtc(_path);
        var tokens = new Dictionary<string, (ApiToken Token, Caller Caller)>();
        foreach (var token in TokenFile.Read(_path))
        {
            tokens[token.Id] = _tokens.TryGetValue(token.Id, out var old) && old.Token == token
                ? old
                : (token, new Caller(token.Name, ScopeWords.Read(token.Scopes), _server.ForToken(token, _time))
                {
                    Id = token.Id,
                });
        }

        foreach (var (token, caller) in _tokens.Values)
        {
            if (!tokens.TryGetValue(token.Id, out var still) || still.Caller != caller)
            {
                caller.End("was revoked or changed");
            }
        }

        (_tokens, _written) = (tokens, written);
        Log.Loaded(_logger, tokens.Count, _path);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 301, Level = LogLevel.Information, Message = "Loaded {Count} API tokens from {Path}.")]
        public static partial void Loaded(ILogger logger, int count, string path);

        [LoggerMessage(EventId = 302, Level = LogLevel.Warning,
            Message = "Kept the API tokens in force: {Path} could not be read. {Reason}")]
        public static partial void KeptOld(ILogger logger, string path, string reason);
    }
}
