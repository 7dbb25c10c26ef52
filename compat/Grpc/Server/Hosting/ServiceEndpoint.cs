using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>One method of a service, ready to be mapped.</summary>
internal sealed record ServiceEndpoint(
    Type ServiceType, IMethod Method, RequestDelegate Handler, IReadOnlyList<object> Metadata);
