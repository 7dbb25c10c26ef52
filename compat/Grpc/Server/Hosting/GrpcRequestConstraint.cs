using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Keeps the endpoints for unknown services and methods away from requests that are not gRPC.</summary>
internal sealed class GrpcRequestConstraint : IRouteConstraint
{
    internal const string Name = "grpcrequest";

    public bool Match(
        HttpContext? httpContext,
        IRouter? route,
        string routeKey,
        RouteValueDictionary values,
        RouteDirection routeDirection) =>
        httpContext is not null && GrpcContentType.Matches(httpContext.Request.ContentType, HeaderNames.ContentType);
}
