using Microsoft.AspNetCore.Connections;
using PhysIntuition.Faults;
using PhysIntuition.Leaderboard.Storage;

namespace PhysIntuition.Server.Faults;

/// <summary>Failures that only a server knows: of its connections, of its database, and as statuses of HTTP.</summary>
internal static class HttpFaults
{
    /// <summary>The same failure as the calls know it.</summary>
    public static Exception ToCallFailure(Exception failure) => failure switch
    {
        StorageException gone => new PhysIntuitionException(Fault.Unavailable, "",
            $"The leaderboard's database does not answer ({gone.Message}) Nothing was stored; try again later."),
        // A request that breaks off on its way is the client's doing, whatever Kestrel calls it.
        BadHttpRequestException or ConnectionResetException =>
            new OperationCanceledException(failure.Message, failure),
        _ => failure,
    };

    /// <summary>The HTTP status of a failure.</summary>
    public static int StatusOf(Exception failure) =>
        (failure, (ToCallFailure(failure) as PhysIntuitionException)?.Fault) switch
        {
            (BadHttpRequestException broken, _) => broken.StatusCode,
            (OperationCanceledException, _) => StatusCodes.Status503ServiceUnavailable,
            (_, Fault.InvalidArgument) => StatusCodes.Status422UnprocessableEntity,
            (_, Fault.OutOfOrder) => StatusCodes.Status409Conflict,
            (_, Fault.NotFound) => StatusCodes.Status404NotFound,
            (_, Fault.LimitReached) => StatusCodes.Status429TooManyRequests,
            (_, Fault.NotAllowed) => StatusCodes.Status403Forbidden,
            (_, Fault.NotAuthenticated) => StatusCodes.Status401Unauthorized,
            (_, Fault.Unavailable) => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        };
}
