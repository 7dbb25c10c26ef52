using Grpc.AspNetCore.Server;

namespace PhysIntuition.Server.Access;

/// <summary>Marks an HTTP endpoint that wants another scope than play.</summary>
/// <param name="Scope">Which; null: no token is asked for.</param>
internal sealed record NeededScope(Scopes? Scope)
{
    /// <summary>For health and for pages that show nothing but what is public.</summary>
    public static NeededScope NoToken { get; } = new((Scopes?)null);
}

/// <summary>Which scope a call wants; null: no token at all.</summary>
internal static class AccessRules
{
    private const string Environments = "/physintuition.v1.EnvironmentService/";
    private const string Leaderboard = "/physintuition.v1.LeaderboardService/";
    private const string Health = "/grpc.health.v1.Health/";

    /// <summary>The scope of a gRPC method.</summary>
    public static Scopes? OfGrpc(string method) => method switch
    {
        Environments + "GetServerInfo" or Environments + "ListTasks" or Environments + "GetTask" => Scopes.None,
        Environments + "Score" or Environments + "StreamDataset" => Scopes.Score,
        _ when method.StartsWith(Environments, StringComparison.Ordinal) => Scopes.Play,
        Leaderboard + "OpenRun" or Leaderboard + "GetRun" or Leaderboard + "GetNext" or Leaderboard + "Observe" or
            Leaderboard + "Answer" or Leaderboard + "CloseRun" => Scopes.Score,
        _ when method.StartsWith(Leaderboard, StringComparison.Ordinal) => Scopes.None,
        _ when method.StartsWith(Health, StringComparison.Ordinal) => null,
        _ => Scopes.None,
    };

    /// <summary>The scope of an HTTP endpoint; gRPC methods have their own gate.</summary>
    public static Scopes? OfHttp(Endpoint? endpoint) =>
        endpoint is null || endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is not null
            ? null
            : endpoint.Metadata.GetMetadata<NeededScope>() is { } needed ? needed.Scope : Scopes.Play;
}
