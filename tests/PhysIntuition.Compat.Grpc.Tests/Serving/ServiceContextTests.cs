using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Serving;

/// <summary>What a service method sees of its call, and how it may answer beside its messages.</summary>
public sealed class ServiceContextTests
{
    [Fact]
    public async Task Context_OfACall_TellsMethodHostPeerDeadlineAndRequest()
    {
        await using var server = await Start(async (_, context) =>
        {
            Assert.Equal("/physintuition.interop.v1.Interop/Echo", context.Method);
            Assert.Matches("^ipv4:127\\.0\\.0\\.1:[0-9]+$", context.Peer);
            Assert.StartsWith("127.0.0.1:", context.Host, StringComparison.Ordinal);
            Assert.InRange(context.Deadline, DateTime.UtcNow, Given.Deadline);
            Assert.Equal("/physintuition.interop.v1.Interop/Echo", context.GetHttpContext().Request.Path);
            Assert.Same(context.GetHttpContext(), context.UserState["__HttpContext"]);
            Assert.False(context.AuthContext.IsPeerAuthenticated);
            Assert.DoesNotContain(
                context.RequestHeaders, entry => entry.Key.StartsWith("grpc-", StringComparison.Ordinal));
            await Task.CompletedTask;
            return new Reply { Text = "seen" };
        });

        var reply = await Client(server).EchoAsync(new Ask(), deadline: Given.Deadline);

        Assert.Equal("seen", reply.Text);
    }

    [Fact]
    public async Task Deadline_WithoutOne_IsTheEndOfTime()
    {
        await using var server = await Start((_, context) =>
            Task.FromResult(new Reply { Number = context.Deadline.Ticks }));

        Assert.Equal(DateTime.MaxValue.Ticks, (await Client(server).EchoAsync(new Ask())).Number);
    }

    [Fact]
    public async Task Status_SetInsteadOfThrown_EndsTheCallWithoutAMessage()
    {
        await using var server = await Start((_, context) =>
        {
            context.Status = new Status(StatusCode.NotFound, "set");
            context.ResponseTrailers.Add("x-why", "because");
            return Task.FromResult<Reply>(null!);
        });

        var fault = await Given.Fails(async () => await Client(server).EchoAsync(new Ask()));

        Assert.Equal(new Status(StatusCode.NotFound, "set"), fault.Status);
        Assert.Equal("because", fault.Trailers.GetValue("x-why"));
    }

    [Fact]
    public async Task Exception_WithTheTrailersOfTheContext_SendsThemOnce()
    {
        await using var server = await Start((_, context) =>
        {
            context.ResponseTrailers.Add("x-why", "once");
            throw new RpcException(new Status(StatusCode.Aborted, ""), context.ResponseTrailers);
        });

        var fault = await Given.Fails(async () => await Client(server).EchoAsync(new Ask()));

        Assert.Equal("once", Assert.Single(fault.Trailers.GetAll("x-why")).Value);
    }

    [Fact]
    public async Task Exception_OfAnUnexpectedKind_IsHiddenUnlessDetailsAreAskedFor()
    {
        static Task<Reply> Throw(Ask request, ServerCallContext context) =>
            throw new InvalidOperationException("secret");
        await using var hiding = await Start(Throw);
        await using var telling = await Start(Throw, options => options.EnableDetailedErrors = true);

        var hidden = await Given.Fails(async () => await Client(hiding).EchoAsync(new Ask()));
        var told = await Given.Fails(async () => await Client(telling).EchoAsync(new Ask()));

        Assert.Equal(new Status(StatusCode.Unknown, "Exception was thrown by handler."), hidden.Status);
        Assert.Contains("InvalidOperationException: secret", told.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NullResponse_IsInternal()
    {
        await using var server = await Start((_, _) => Task.FromResult<Reply>(null!));

        var fault = await Given.Fails(async () => await Client(server).EchoAsync(new Ask()));

        Assert.Equal(StatusCode.Internal, fault.StatusCode);
    }

    [Fact]
    public async Task ResponseHeaders_SentTwice_Throw()
    {
        await using var server = await Start(async (_, context) =>
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "x-early", "yes" } });
            await Assert.ThrowsAsync<InvalidOperationException>(() => context.WriteResponseHeadersAsync([]));
            return new Reply { Text = "done" };
        });
        using var call = Client(server).EchoAsync(new Ask(), deadline: Given.Deadline);

        Assert.Equal("yes", (await call.ResponseHeadersAsync).GetValue("x-early"));
        Assert.Equal("done", (await call).Text);
    }

    [Fact]
    public async Task Metadata_OutsideAscii_IsInternalAndSaysWhichKey()
    {
        await using var server = await Start((_, context) =>
        {
            context.ResponseTrailers.Add("x-name", "größer");
            return Task.FromResult(new Reply());
        });

        var fault = await Given.Fails(async () => await Client(server).EchoAsync(new Ask()));

        Assert.Equal(StatusCode.Internal, fault.StatusCode);
        Assert.Contains("x-name", fault.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PropagationToken_HandsTheDeadlineToTheNextCall()
    {
        await using var last = await Start((_, context) =>
            Task.FromResult(new Reply { Number = context.Deadline.Ticks }));
        var next = Client(last);
        await using var first = await Start(async (_, context) => await next.EchoAsync(
            new Ask(), new CallOptions(propagationToken: context.CreatePropagationToken())));
        var deadline = DateTime.UtcNow.AddMinutes(5);

        var reply = await Client(first).EchoAsync(new Ask(), deadline: deadline);

        Assert.InRange(new DateTime(reply.Number) - deadline, TimeSpan.FromSeconds(-30), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Service_WithScopedDependencies_IsMadeAndDisposedPerCall()
    {
        var disposals = new Disposals();
        await using var server = await TestServer.Start<DisposableService>(
            services: services => services.AddSingleton(disposals));

        var client = Client(server);
        var first = await client.EchoAsync(new Ask(), deadline: Given.Deadline);
        var second = await client.EchoAsync(new Ask(), deadline: Given.Deadline);

        Assert.NotEqual(first.Text, second.Text);
        Assert.Equal(2, disposals.Count);
    }

    [Fact]
    public async Task Endpoints_OfAService_CarryMethodAndAttributes()
    {
        EndpointDataSource? endpoints = null;
        await using var server = await TestServer.Start(
            endpoints: application => endpoints = application.Services.GetRequiredService<EndpointDataSource>());

        var methods = endpoints!.Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>())
            .Select(metadata => metadata?.Method.Name);
        Assert.Equal(["Echo", "Repeat", "Sum", "Chat"], methods);
    }

    [Fact]
    public void MapGrpcService_WithoutAddGrpc_SaysWhatIsMissing()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        var application = builder.Build();

        var fault = Assert.Throws<InvalidOperationException>(() => application.MapGrpcService<InteropService>());

        Assert.Contains("AddGrpc", fault.Message, StringComparison.Ordinal);
    }

    private static Interop.InteropClient Client(TestServer server) => new(Given.Channel(server));

    private static Task<TestServer> Start(
        Func<Ask, ServerCallContext, Task<Reply>> echo, Action<GrpcServiceOptions>? options = null) =>
        TestServer.Start<ScriptedService>(options, services => services.AddSingleton(new ScriptedService(echo)));

    private sealed class ScriptedService(Func<Ask, ServerCallContext, Task<Reply>> echo) : Interop.InteropBase
    {
        public override Task<Reply> Echo(Ask request, ServerCallContext context) => echo(request, context);
    }

    private sealed class Disposals
    {
        private int _count;

        internal int Count => _count;

        internal void Add() => Interlocked.Increment(ref _count);
    }

    private sealed class DisposableService(Disposals disposals) : Interop.InteropBase, IDisposable
    {
        private readonly string _id = Guid.NewGuid().ToString();

        public void Dispose() => disposals.Add();

        public override Task<Reply> Echo(Ask request, ServerCallContext context) =>
            Task.FromResult(new Reply { Text = _id });
    }
}
