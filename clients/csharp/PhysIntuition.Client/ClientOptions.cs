namespace PhysIntuition.Client;

/// <summary>How the client behaves.</summary>
public sealed record ClientOptions
{
    /// <summary>Where the server is, see <see cref="ServerAddress"/>.</summary>
    /// <remarks>Default: what the environment variable PHYSINTUITION_SERVER names, else port 50051 here.</remarks>
    public Uri Address { get; init; } = ServerAddress.Default;

    /// <summary>Servers that are used in this order once nobody answers at <see cref="Address"/>.</summary>
    public IReadOnlyList<Uri> Fallbacks { get; init; } = [];

    /// <summary>The usual options at one server, or at several, separated by commas.</summary>
    /// <exception cref="FormatException">An address has another form.</exception>
    public static ClientOptions At(string addresses)
    {
        var all = ServerAddress.ParseAll(addresses);
        return new ClientOptions { Address = all[0], Fallbacks = [.. all.Skip(1)] };
    }

    /// <summary>A session that is lost with its server is rebuilt on another one, or on the same once it is back, from
    /// the last snapshots and the calls since; the calls that find out take longer.</summary>
    /// <remarks>Unseeded episodes, and calls without a seeded reset of all slots for long, need snapshots, which are
    /// read by servers that share a snapshot secret. Raw tensors then come over the wire. Durable sessions are left to
    /// their cluster.</remarks>
    public bool Recover { get; init; } = true;

    /// <summary>Where the line goes that says so; null: to the error stream.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>API token, where the server asks for one.</summary>
    public string? ApiToken { get; init; }

    /// <summary>Name and version in the server's log.</summary>
    public string Name { get; init; } = "physintuition-csharp/0.1.0";

    /// <summary>Time without a call after which the server ends the session; null: the server's default.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>How long calls that cannot reach the server are made again before they fail.</summary>
    public TimeSpan ReconnectFor { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Pass raw tensors through shared memory where the server is on this machine.</summary>
    public bool UseSharedMemory { get; init; } = true;

    /// <summary>The session outlives its server: any server of its cluster goes on with it.</summary>
    public bool Durable { get; init; }

    /// <summary>One message in either direction, bytes.</summary>
    public int MaxMessageBytes { get; init; } = 256 * 1024 * 1024;
}
