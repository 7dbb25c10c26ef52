using Grpc.Core;
using Grpc.Reflection.V1;

namespace Grpc.Reflection.Internal;

/// <summary>Reflection, version 1.</summary>
internal sealed class ReflectionV1Service(Lazy<ReflectionAnswers> answers) : ServerReflection.ServerReflectionBase
{
    public override async Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context)
    {
        while (await requestStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
        {
            await responseStream.WriteAsync(answers.Value.Answer(requestStream.Current)).ConfigureAwait(false);
        }
    }
}
