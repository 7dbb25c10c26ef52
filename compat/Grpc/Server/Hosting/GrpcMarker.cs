namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Says that gRPC was registered, and which services are mapped.</summary>
internal sealed class GrpcMarker
{
    private readonly HashSet<string> _services = new(StringComparer.Ordinal);

    internal bool HasServices => _services.Count > 0;

    internal void Add(string serviceName) => _services.Add(serviceName);

    internal bool Serves(ReadOnlySpan<char> serviceName) =>
        _services.GetAlternateLookup<ReadOnlySpan<char>>().Contains(serviceName);
}
