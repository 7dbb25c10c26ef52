using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>Goes on with the registration of gRPC.</summary>
public interface IGrpcServerBuilder
{
    /// <summary>The services to register with.</summary>
    IServiceCollection Services { get; }
}
