using System.Reflection;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;

namespace Grpc.Reflection.Internal;

/// <summary>Finds the descriptors of all services that are mapped.</summary>
internal static class EndpointServices
{
    internal static IEnumerable<ServiceDescriptor> Find(EndpointDataSource endpoints) => endpoints.Endpoints
        .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.ServiceType)
        .OfType<Type>()
        .Distinct()
        .Select(DescriptorOf)
        .OfType<ServiceDescriptor>();

    // Generated code keeps the descriptor beside the binding method that the base class names.
    private static ServiceDescriptor? DescriptorOf(Type serviceType) => serviceType
        .GetCustomAttribute<BindServiceMethodAttribute>(inherit: true)
        ?.BindType
        .GetProperty("Descriptor", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
        ?.GetValue(null) as ServiceDescriptor;
}
