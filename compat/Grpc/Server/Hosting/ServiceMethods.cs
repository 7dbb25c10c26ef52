using System.Reflection;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Finds the methods of a service through its generated binding method.</summary>
internal sealed class ServiceMethods<TService>
    where TService : class
{
    public ServiceMethods(
        IOptions<GrpcServiceOptions> sharedOptions,
        IOptions<GrpcServiceOptions<TService>> ownOptions,
        ServiceLifetimes lifetimes,
        IServiceProvider root,
        ILoggerFactory loggers)
    {
        var options = ServerMethodOptions.Merge(sharedOptions.Value, ownOptions.Value);
        var binder = new ServiceBinder<TService>(
            options, new ServiceActivator<TService>(root, lifetimes), loggers.CreateLogger<TService>());
        FindBindMethod().Invoke(null, [binder, null]);
        Endpoints = binder.Endpoints;
        ServiceName = binder.ServiceName ?? "";
    }

    internal IReadOnlyList<ServiceEndpoint> Endpoints { get; }

    internal string ServiceName { get; }

    private static MethodInfo FindBindMethod()
    {
        for (var type = typeof(TService); type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is { } attribute)
            {
                var method = attribute.BindType.GetMethod(
                    attribute.BindMethodName,
                    BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static,
                    [typeof(ServiceBinderBase), type]);
                return method ?? throw NotAService($"'{attribute.BindMethodName}' is missing");
            }
        }

        throw NotAService("no base class was generated from a .proto file");
    }

    private static InvalidOperationException NotAService(string reason) =>
        new($"Type '{typeof(TService)}' is not a gRPC service: {reason}. Derive from a generated ...Base class.");
}
