using Google.Protobuf;
using Grpc.Core;
using Grpc.Reflection.V1Alpha;
using Request = Grpc.Reflection.V1.ServerReflectionRequest;

namespace Grpc.Reflection.Internal;

/// <summary>Reflection, version 1 alpha: the same bytes under the name that older tools ask for.</summary>
internal sealed class ReflectionV1AlphaService(Lazy<ReflectionAnswers> answers) : ServerReflection.ServerReflectionBase
{
    public override async Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context)
    {
        while (await requestStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
        {
            var request = Request.Parser.ParseFrom(requestStream.Current.ToByteString());
            var response = answers.Value.Answer(request).ToByteString();
            await responseStream.WriteAsync(ServerReflectionResponse.Parser.ParseFrom(response)).ConfigureAwait(false);
        }
    }
}
