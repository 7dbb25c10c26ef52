using System.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Makes an endpoint of each method that the generated code lists.</summary>
internal sealed class ServiceBinder<TService>(
    ServerMethodOptions options, ServiceActivator<TService> activator, ILogger logger) : ServiceBinderBase
    where TService : class
{
    private readonly List<ServiceEndpoint> _endpoints = [];

    internal IReadOnlyList<ServiceEndpoint> Endpoints => _endpoints;

    internal string? ServiceName { get; private set; }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var (invoke, info) = Implementation<UnaryServiceMethod<TService, TRequest, TResponse>>(
            method, typeof(TRequest), typeof(ServerCallContext));
        Add(
            method,
            info,
            new UnaryCallHandler<TService, TRequest, TResponse>(method, options, activator, logger, invoke).Handle);
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var (invoke, info) = Implementation<ClientStreamingServiceMethod<TService, TRequest, TResponse>>(
            method, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
        Add(
            method,
            info,
            new ClientStreamingCallHandler<TService, TRequest, TResponse>(
                method, options, activator, logger, invoke).Handle);
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var (invoke, info) = Implementation<ServerStreamingServiceMethod<TService, TRequest, TResponse>>(
            method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        Add(
            method,
            info,
            new ServerStreamingCallHandler<TService, TRequest, TResponse>(
                method, options, activator, logger, invoke).Handle);
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var (invoke, info) = Implementation<DuplexStreamingServiceMethod<TService, TRequest, TResponse>>(
            method,
            typeof(IAsyncStreamReader<TRequest>),
            typeof(IServerStreamWriter<TResponse>),
            typeof(ServerCallContext));
        Add(
            method,
            info,
            new DuplexStreamingCallHandler<TService, TRequest, TResponse>(
                method, options, activator, logger, invoke).Handle);
    }

    private static (TDelegate Invoke, MethodInfo Info) Implementation<TDelegate>(
        IMethod method, params Type[] parameters)
        where TDelegate : Delegate
    {
        var info = typeof(TService).GetMethod(
            method.Name, BindingFlags.Public | BindingFlags.Instance, parameters)
            ?? throw new InvalidOperationException($"Type '{typeof(TService)}' has no method '{method.Name}'.");
        return (info.CreateDelegate<TDelegate>(), info);
    }

    private void Add(IMethod method, MethodInfo info, RequestDelegate handler)
    {
        ServiceName = method.ServiceName;
        object[] metadata = [.. typeof(TService).GetCustomAttributes(true), .. info.GetCustomAttributes(true)];
        _endpoints.Add(new ServiceEndpoint(typeof(TService), method, handler, metadata));
    }
}
