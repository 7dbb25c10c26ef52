namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Which health checks of the application speak for which service.</summary>
public sealed class GrpcHealthChecksOptions
{
    /// <summary>The services; the server as a whole, named by the empty string, stands for all checks.</summary>
    public ServiceMappingCollection Services { get; } = [];

    /// <summary>Whether Check answers from the last published report instead of running the checks.</summary>
    public bool UseHealthChecksCache { get; set; }
}
