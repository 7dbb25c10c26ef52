namespace Grpc.AspNetCore.HealthChecks;

/// <summary>A health check that a mapping takes or leaves.</summary>
public sealed class HealthCheckMapContext
{
    /// <summary>Makes the context of a check.</summary>
    public HealthCheckMapContext(string name, IEnumerable<string> tags)
    {
        Name = name;
        Tags = tags;
    }

    /// <summary>The name of the check.</summary>
    public string Name { get; }

    /// <summary>The tags of the check.</summary>
    public IEnumerable<string> Tags { get; }
}
