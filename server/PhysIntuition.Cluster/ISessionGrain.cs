using Orleans;
using Orleans.Concurrency;

namespace PhysIntuition.Server.Cluster;

/// <summary>A durable session; wherever it is, there is one of it.</summary>
internal interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>Opens it; once more with the same token is fine.</summary>
    /// <param name="token">The session's secret.</param>
    /// <param name="client">What the client calls itself.</param>
    /// <param name="leaseSeconds">s without a request after which it ends.</param>
    /// <param name="owner">Id of the API token that pays for it; empty: nobody's.</param>
    Task<ReplyOrError> OpenAsync(string token, string client, double leaseSeconds, string owner);

    /// <summary>Says what it owns: a SessionInfo.</summary>
    Task<ReplyOrError> ResumeAsync(string token);

    /// <summary>Ends it; once more is fine.</summary>
    Task<ReplyOrError> CloseAsync(string token);

    /// <summary>Carries out calls of one environment in their order, and stores what they changed.</summary>
    /// <param name="token">The session's secret.</param>
    /// <param name="batch">Names these calls: whoever lost the reply asks again by the same name.</param>
    /// <param name="requests">RunRequests.</param>
    /// <returns>RunReplies in the same order.</returns>
    Task<Immutable<byte[][]>> CallAsync(string token, Guid batch, Immutable<byte[][]> requests);
}

/// <summary>A reply, or the Error instead.</summary>
[GenerateSerializer, Immutable]
internal sealed record ReplyOrError
{
    /// <summary>The reply; empty where the call has none.</summary>
    [Id(0)]
    public byte[] Reply { get; init; } = [];

    /// <summary>The Error; null: there is none.</summary>
    [Id(1)]
    public byte[]? Error { get; init; }
}
