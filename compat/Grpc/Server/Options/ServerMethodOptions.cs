using System.IO.Compression;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Options of a service after its own have been laid over the shared ones.</summary>
internal sealed record ServerMethodOptions
{
    internal required int? MaxSendMessageSize { get; init; }

    internal required int? MaxReceiveMessageSize { get; init; }

    internal required bool EnableDetailedErrors { get; init; }

    internal required string? ResponseCompressionAlgorithm { get; init; }

    internal required CompressionLevel? ResponseCompressionLevel { get; init; }

    internal required CompressionSet Compressions { get; init; }

    internal required IReadOnlyList<InterceptorRegistration> Interceptors { get; init; }

    internal static ServerMethodOptions Merge(GrpcServiceOptions shared, GrpcServiceOptions own)
    {
        var providers = own.CompressionProviders.Count > 0 ? own.CompressionProviders : shared.CompressionProviders;
        var compressions = CompressionSet.Of(providers);
        var algorithm = own.ResponseCompressionAlgorithm ?? shared.ResponseCompressionAlgorithm;
        compressions.Check(algorithm);
        return new ServerMethodOptions
        {
            MaxSendMessageSize = own.MaxSendMessageSize ?? shared.MaxSendMessageSize,
            MaxReceiveMessageSize = own.HasMaxReceiveMessageSize
                ? own.MaxReceiveMessageSize
                : shared.MaxReceiveMessageSize,
            EnableDetailedErrors = own.EnableDetailedErrors ?? shared.EnableDetailedErrors ?? false,
            ResponseCompressionAlgorithm = algorithm,
            ResponseCompressionLevel = own.ResponseCompressionLevel ?? shared.ResponseCompressionLevel,
            Compressions = compressions,
            Interceptors = [.. shared.Interceptors, .. own.Interceptors],
        };
    }
}
