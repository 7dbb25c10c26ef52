using System.Collections.Concurrent;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Serving;

public sealed class ServerInterceptorTests
{
    private readonly Trace _trace = new();

    [Fact]
    public async Task Interceptors_SharedAndOwn_RunOutsideInForEveryKindOfCall()
    {
        await using var server = await TestServer.Start(
            options => options.Interceptors.Add<Tracing>("outer"),
            services =>
            {
                services.AddSingleton(_trace);
                services.AddGrpc().AddServiceOptions<InteropService>(own => own.Interceptors.Add<Tracing>("inner"));
            });
        var client = Given.Client(server);

        await client.EchoAsync(new Ask(), deadline: Given.Deadline);
        using var repeat = client.Repeat(new Ask(), deadline: Given.Deadline);
        await repeat.ResponseStream.MoveNext();
        using var sum = client.Sum(deadline: Given.Deadline);
        await sum.RequestStream.CompleteAsync();
        await sum;
        using var chat = client.Chat(deadline: Given.Deadline);
        await chat.RequestStream.CompleteAsync();
        await chat.ResponseStream.MoveNext();

        string[] kinds = ["Unary", "ServerStreaming", "ClientStreaming", "DuplexStreaming"];
        Assert.Equal(kinds.SelectMany(kind => new[] { $"outer {kind}", $"inner {kind}" }), _trace.Entries);
        Assert.Equal(_trace.Entries.Count, _trace.Disposed);
    }

    [Fact]
    public async Task Interceptor_ThatThrows_DecidesTheStatus()
    {
        await using var server = await TestServer.Start(options => options.Interceptors.Add<Refusing>());

        var fault = await Given.Fails(async () => await Given.Client(server).EchoAsync(new Ask()));

        Assert.Equal(StatusCode.PermissionDenied, fault.StatusCode);
    }

    [Fact]
    public void Interceptor_OfAnotherType_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new InterceptorCollection().Add(typeof(string)));

    private sealed class Trace
    {
        private int _disposed;

        internal ConcurrentQueue<string> Entries { get; } = new();

        internal int Disposed => _disposed;

        internal void CountDisposal() => Interlocked.Increment(ref _disposed);
    }

    private sealed class Tracing(Trace trace, string name) : Interceptor, IDisposable
    {
        public void Dispose() => trace.CountDisposal();

        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            trace.Entries.Enqueue($"{name} Unary");
            return continuation(request, context);
        }

        public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream,
            ServerCallContext context,
            ClientStreamingServerMethod<TRequest, TResponse> continuation)
        {
            trace.Entries.Enqueue($"{name} ClientStreaming");
            return continuation(requestStream, context);
        }

        public override Task ServerStreamingServerHandler<TRequest, TResponse>(
            TRequest request,
            IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context,
            ServerStreamingServerMethod<TRequest, TResponse> continuation)
        {
            trace.Entries.Enqueue($"{name} ServerStreaming");
            return continuation(request, responseStream, context);
        }

        public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream,
            IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context,
            DuplexStreamingServerMethod<TRequest, TResponse> continuation)
        {
            trace.Entries.Enqueue($"{name} DuplexStreaming");
            return continuation(requestStream, responseStream, context);
        }
    }

    private sealed class Refusing : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
            throw new RpcException(new Status(StatusCode.PermissionDenied, "not you"));
    }
}
