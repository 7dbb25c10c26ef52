using Grpc.Core;
using Grpc.Core.Interceptors;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Calls;

public sealed class ClientInterceptorTests : IAsyncLifetime
{
    private readonly List<string> _trace = [];
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.Start();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Intercept_Several_RunInTheOrderGivenForEveryKindOfCall()
    {
        var invoker = Given.Channel(_server).Intercept(new Tracing(_trace, "first"), new Tracing(_trace, "second"));
        var client = new Interop.InteropClient(invoker);

        client.Echo(new Ask(), deadline: Given.Deadline);
        await client.EchoAsync(new Ask(), deadline: Given.Deadline);
        using var repeat = client.Repeat(new Ask(), deadline: Given.Deadline);
        using var sum = client.Sum(deadline: Given.Deadline);
        using var chat = client.Chat(deadline: Given.Deadline);

        string[] methods = ["Echo", "Echo", "Repeat", "Sum", "Chat"];
        Assert.Equal(methods.SelectMany(method => new[] { $"first {method}", $"second {method}" }), _trace);
    }

    [Fact]
    public async Task Intercept_ByMetadata_AddsToEveryCall()
    {
        var invoker = Given.Channel(_server).Intercept(metadata =>
        {
            metadata.Add("x-added", "here");
            return metadata;
        });
        using var call = new Interop.InteropClient(invoker).EchoAsync(new Ask(), deadline: Given.Deadline);
        await call;

        Assert.Equal("here", call.GetTrailers().GetValue("x-added"));
    }

    [Fact]
    public async Task WithHost_AnotherName_ReachesTheServer()
    {
        var client = Given.Client(_server).WithHost("virtual.example");

        Assert.Equal("hi", (await client.EchoAsync(new Ask { Text = "hi" }, deadline: Given.Deadline)).Text);
    }

    private sealed class Tracing(List<string> trace, string name) : Interceptor
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            BlockingUnaryCallContinuation<TRequest, TResponse> continuation) => continuation(request, Note(context));

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation) => continuation(request, Note(context));

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, Note(context));

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation) => continuation(Note(context));

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation) => continuation(Note(context));

        private ClientInterceptorContext<TRequest, TResponse> Note<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context)
            where TRequest : class
            where TResponse : class
        {
            trace.Add($"{name} {context.Method.Name}");
            return context;
        }
    }
}
