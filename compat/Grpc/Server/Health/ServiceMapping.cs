using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>A service and the health checks that speak for it.</summary>
public sealed class ServiceMapping
{
    internal ServiceMapping(string name, Func<HealthCheckMapContext, bool> predicate)
    {
        Name = name;
        HealthCheckPredicate = predicate;
    }

    /// <summary>The service with its package, or the empty string.</summary>
    public string Name { get; }

    internal Func<HealthCheckMapContext, bool> HealthCheckPredicate { get; }

    internal bool Includes(HealthCheckRegistration check) =>
        HealthCheckPredicate(new HealthCheckMapContext(check.Name, check.Tags));

    internal bool Includes(string name, IEnumerable<string> tags) =>
        HealthCheckPredicate(new HealthCheckMapContext(name, tags));
}
