using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;

namespace Grpc.Reflection.Internal;

/// <summary>Answers reflection requests from an index.</summary>
internal sealed class ReflectionAnswers(SymbolIndex index)
{
    internal ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var response = request.MessageRequestCase switch
        {
            ServerReflectionRequest.MessageRequestOneofCase.FileByFilename =>
                File(index.FileOfName(request.FileByFilename), request.FileByFilename),
            ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol =>
                File(index.FileOfSymbol(request.FileContainingSymbol), request.FileContainingSymbol),
            ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension =>
                FileOfExtension(request.FileContainingExtension),
            ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType =>
                ExtensionNumbers(request.AllExtensionNumbersOfType),
            ServerReflectionRequest.MessageRequestOneofCase.ListServices => Services(),
            _ => Error(StatusCode.Unimplemented, "The request asks for nothing; set one of its fields."),
        };
        response.ValidHost = request.Host;
        response.OriginalRequest = request;
        return response;
    }

    private static ServerReflectionResponse File(FileDescriptor? file, string name)
    {
        if (file is null)
        {
            return Error(StatusCode.NotFound, $"'{name}' is not known to this server.");
        }

        // The file asked for comes first; what it imports follows.
        var files = new FileDescriptorResponse();
        files.FileDescriptorProto.AddRange(SymbolIndex.WithImports(file).Reverse().Select(item => item.SerializedData));
        return new ServerReflectionResponse { FileDescriptorResponse = files };
    }

    private static ServerReflectionResponse Error(StatusCode code, string message) => new()
    {
        ErrorResponse = new ErrorResponse { ErrorCode = (int)code, ErrorMessage = message },
    };

    private ServerReflectionResponse FileOfExtension(ExtensionRequest request) => File(
        index.FileOfExtension(request.ContainingType, request.ExtensionNumber),
        $"extension {request.ExtensionNumber} of {request.ContainingType}");

    private ServerReflectionResponse ExtensionNumbers(string type)
    {
        if (!index.IsMessage(type))
        {
            return Error(StatusCode.NotFound, $"'{type}' is not a message known to this server.");
        }

        var numbers = new ExtensionNumberResponse { BaseTypeName = type };
        numbers.ExtensionNumber.AddRange(index.ExtensionsOf(type));
        return new ServerReflectionResponse { AllExtensionNumbersResponse = numbers };
    }

    private ServerReflectionResponse Services()
    {
        var list = new ListServiceResponse();
        list.Service.AddRange(index.Services.Select(name => new ServiceResponse { Name = name }));
        return new ServerReflectionResponse { ListServicesResponse = list };
    }
}
