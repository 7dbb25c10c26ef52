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
        ILoggerFactory loggers)
    {
        var options = ServerMethodOptions.Merge(sharedOptions.Value, ownOptions.Value);
        var binder = new ServiceBinder<TService>(options, loggers.CreateLogger<TService>());
        var (bindMethod, _) = FindBindMethod();
        bindMethod.Invoke(null, [binder, null]);
        Endpoints = binder.Endpoints;
        ServiceName = binder.ServiceName
            ?? bindMethod.DeclaringType!.FullName!;
    }

    internal IReadOnlyList<ServiceEndpoint> Endpoints { get; }

    internal string ServiceName { get; }

    private static (MethodInfo BindMethod, Type BaseType) FindBindMethod()
    {
        for (var type = typeof(TService); type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is { } attribute)
            {
                var method = attribute.BindType.GetMethod(
                    attribute.BindMethodName,
                    BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static,
                    [typeof(ServiceBinderBase), type]);
                return (method ?? throw NotAService($"'{attribute.BindMethodName}' is missing"), type);
            }
        }

        throw NotAService("no base class was generated from a .proto file");
    }

    private static InvalidOperationException NotAService(string reason) =>
        new($"Type '{typeof(TService)}' is not a gRPC service: {reason}. Derive from a generated ...Base class.");
}
