using System.Net.Sockets;
using Grpc.Net.Client;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>gRPC over a Unix domain socket, which is this machine's.</summary>
public sealed class SocketTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("physintuition-socket-").FullName;

    private string SocketPath => Path.Combine(_folder, "towers.sock");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Socket_BesideThePort_ServesEnvironmentsWithSharedMemory()
    {
        await using var server = await RunningServer.StartAsync($"Listen:Socket={SocketPath}");
        using var channel = Dial();
        var stub = new EnvironmentService.EnvironmentServiceClient(channel);
        var headers = RunningServer.Headers(await stub.OpenSessionAsync(new OpenSessionRequest()));

        var create = Given.Create(slots: 2);
        (create.SharedBuffers, create.Observe) = (2, new ObservationRequest { Names = { "rgb" } });
        var created = await stub.CreateAsync(create, headers);

        Assert.Equal("", created.SharedMemoryRefused);
        Assert.NotNull(created.SharedMemory);
        Assert.NotEqual(0, server.HttpAddress.Port);
    }

    [Fact]
    public async Task Socket_ThatAKilledServerLeft_IsTakenOver()
    {
        // What bound it under another name is gone; the name that it left answers to nobody.
        var other = Path.Combine(_folder, "other.sock");
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(new UnixDomainSocketEndPoint(other));
            File.Move(other, SocketPath);
        }

        await using var server = await RunningServer.StartAsync($"Listen:Socket={SocketPath}");
        using var channel = Dial();

        Assert.NotEmpty((await new EnvironmentService.EnvironmentServiceClient(channel)
            .ListTasksAsync(new ListTasksRequest())).Tasks);
    }

    [Fact]
    public async Task Socket_OfAServerThatRuns_IsLeftToIt()
    {
        await using var first = await RunningServer.StartAsync($"Listen:Socket={SocketPath}");

        await Assert.ThrowsAnyAsync<IOException>(() => RunningServer.StartAsync($"Listen:Socket={SocketPath}"));

        using var channel = Dial();
        Assert.NotEmpty((await new EnvironmentService.EnvironmentServiceClient(channel)
            .ListTasksAsync(new ListTasksRequest())).Tasks);
    }

    private GrpcChannel Dial() => GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        },
    });
}
