using System.Collections;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Services with the health checks that speak for them.</summary>
public sealed class ServiceMappingCollection : IEnumerable<ServiceMapping>
{
    private readonly Dictionary<string, ServiceMapping> _mappings = new(StringComparer.Ordinal);

    /// <summary>The number of services.</summary>
    public int Count => _mappings.Count;

    /// <summary>Says which checks speak for a service; replaces what was said before.</summary>
    public void MapService(string name, Func<HealthCheckMapContext, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(predicate);
        _mappings[name] = new ServiceMapping(name, predicate);
    }

    /// <summary>Forgets a service.</summary>
    public bool Remove(string name) => _mappings.Remove(name);

    /// <summary>Forgets all services.</summary>
    public void Clear() => _mappings.Clear();

    /// <inheritdoc />
    public IEnumerator<ServiceMapping> GetEnumerator() => _mappings.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal ServiceMapping? Find(string name) => _mappings.GetValueOrDefault(name);
}
