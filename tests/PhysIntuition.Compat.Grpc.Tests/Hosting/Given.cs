using Grpc.Core;
using Grpc.Net.Client;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Hosting;

/// <summary>What most tests start from.</summary>
internal static class Given
{
    /// <summary>How long any wait may take before a test fails.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    internal static DateTime Deadline => DateTime.UtcNow + Patience;

    internal static GrpcChannel Channel(TestServer server, Action<GrpcChannelOptions>? configure = null)
    {
        var options = new GrpcChannelOptions { MaxReceiveMessageSize = 64 << 20 };
        configure?.Invoke(options);
        return GrpcChannel.ForAddress(server.Address, options);
    }

    internal static Interop.InteropClient Client(TestServer server) => new(Channel(server));

    internal static async Task<RpcException> Fails(Func<Task> action) =>
        await Assert.ThrowsAsync<RpcException>(() => action().WaitAsync(Patience));
}
