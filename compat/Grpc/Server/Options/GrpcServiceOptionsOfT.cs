namespace Grpc.AspNetCore.Server;

/// <summary>Options of one service; what is set here stands before the shared options.</summary>
public class GrpcServiceOptions<TService> : GrpcServiceOptions
    where TService : class;
