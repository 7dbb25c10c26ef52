using Grpc.Core;

namespace PhysIntuition.Benchmarks.Calls;

/// <summary>Answers with the request itself, so that only the call is measured.</summary>
internal sealed class EchoService : Echo.EchoBase
{
    public override Task<EchoMessage> Call(EchoMessage request, ServerCallContext context) => Task.FromResult(request);

    public override async Task Stream(
        IAsyncStreamReader<EchoMessage> requestStream,
        IServerStreamWriter<EchoMessage> responseStream,
        ServerCallContext context)
    {
        await foreach (var request in requestStream.ReadAllAsync())
        {
            await responseStream.WriteAsync(request);
        }
    }
}
