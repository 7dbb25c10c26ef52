using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;
using ServerReflectionAlpha = Grpc.Reflection.V1Alpha.ServerReflection;

namespace PhysIntuition.Compat.Grpc.Tests.Serving;

public sealed class ReflectionTests : IAsyncLifetime
{
    private const string Service = "physintuition.interop.v1.Interop";

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.Start(
        services: services => services.AddGrpcReflection(),
        endpoints: application => application.MapGrpcReflectionService());

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task ListServices_ThreeMapped_NamesThem()
    {
        var response = await Ask(new ServerReflectionRequest { ListServices = "*" });

        Assert.Equal(
            ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", Service],
            response.ListServicesResponse.Service.Select(service => service.Name));
    }

    [Theory]
    [InlineData(Service)]
    [InlineData(Service + ".Echo")]
    [InlineData("physintuition.interop.v1.Ask")]
    [InlineData("physintuition.interop.v1.Ask.body")]
    public async Task FileContainingSymbol_KnownSymbol_GivesItsFile(string symbol)
    {
        var response = await Ask(new ServerReflectionRequest { FileContainingSymbol = symbol });

        var bytes = Assert.Single(response.FileDescriptorResponse.FileDescriptorProto);
        Assert.Equal(InteropReflection.Descriptor.ToProto(), FileDescriptorProto.Parser.ParseFrom(bytes));
    }

    [Fact]
    public async Task FileByFilename_KnownFile_GivesIt()
    {
        var name = InteropReflection.Descriptor.Name;

        var response = await Ask(new ServerReflectionRequest { FileByFilename = name });

        var bytes = Assert.Single(response.FileDescriptorResponse.FileDescriptorProto);
        Assert.Equal(InteropReflection.Descriptor.SerializedData, bytes);
    }

    [Fact]
    public async Task AllExtensionNumbers_MessageWithoutExtensions_AreNone()
    {
        const string type = "physintuition.interop.v1.Ask";

        var response = await Ask(new ServerReflectionRequest { AllExtensionNumbersOfType = type });

        Assert.Equal(type, response.AllExtensionNumbersResponse.BaseTypeName);
        Assert.Empty(response.AllExtensionNumbersResponse.ExtensionNumber);
    }

    [Fact]
    public async Task AnyRequest_ForWhatDoesNotExist_IsNotFound()
    {
        ServerReflectionRequest[] requests =
        [
            new() { FileContainingSymbol = "no.Symbol" },
            new() { FileByFilename = "no.proto" },
            new() { AllExtensionNumbersOfType = "no.Type" },
            new() { FileContainingExtension = new() { ContainingType = "no.Type", ExtensionNumber = 1 } },
        ];
        foreach (var request in requests)
        {
            Assert.Equal((int)StatusCode.NotFound, (await Ask(request)).ErrorResponse.ErrorCode);
        }
    }

    [Fact]
    public async Task VersionOneAlpha_SameRequest_GivesTheSameBytes()
    {
        var client = new ServerReflectionAlpha.ServerReflectionClient(Given.Channel(_server));
        using var call = client.ServerReflectionInfo(deadline: Given.Deadline);
        await call.RequestStream.WriteAsync(new() { FileContainingSymbol = Service });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));

        var newer = await Ask(new ServerReflectionRequest { FileContainingSymbol = Service });
        Assert.Equal(
            newer.FileDescriptorResponse.FileDescriptorProto,
            call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto);
    }

    private async Task<ServerReflectionResponse> Ask(ServerReflectionRequest request)
    {
        var client = new ServerReflection.ServerReflectionClient(Given.Channel(_server));
        using var call = client.ServerReflectionInfo(deadline: Given.Deadline);
        await call.RequestStream.WriteAsync(request);
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(request, call.ResponseStream.Current.OriginalRequest);
        return call.ResponseStream.Current;
    }
}
