using Grpc.Core;
using Grpc.Net.Client;
using PhysIntuition.Leaderboard;

namespace PhysIntuition.Evaluation.Runs;

/// <summary>A server's leaderboard over gRPC, called with the API token of the environment.</summary>
/// <param name="address">Of the server's gRPC port.</param>
internal sealed class LeaderboardConnection(Uri address) : IDisposable
{
    private const string TokenVariable = "PHYSINTUITION_TOKEN";

    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
    {
        MaxReceiveMessageSize = null, HttpHandler = ServerAddress.CreateHandler(address), DisposeHttpClient = true,
    });

    /// <summary>Its calls.</summary>
    public LeaderboardService.LeaderboardServiceClient Calls => new(_channel);

    /// <summary>What goes with each call: the token, if the environment has one.</summary>
    public static Metadata Headers => Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } token
        ? new() { { "authorization", $"Bearer {token}" } }
        : [];

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    /// <summary>Claims the name that a run is to be opened under.</summary>
    /// <param name="identity">File of the key that owns the name, made when it is missing.</param>
    /// <param name="seasons">Of the server.</param>
    /// <param name="request">As it will be sent; nothing that the claim covers may change after it.</param>
    public static void Claim(string identity, IEnumerable<SeasonInfo> seasons, OpenRunRequest request)
    {
        using var key = Ed25519Key.LoadOrCreate(identity);
        NameClaim.Sign(key, seasons, request);
    }
}
