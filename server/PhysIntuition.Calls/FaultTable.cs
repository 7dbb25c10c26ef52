using Grpc.Core;

namespace PhysIntuition.Server;

/// <summary>The one place where failures become statuses.</summary>
internal static class FaultTable
{
    /// <summary>Trailer that carries the serialized <see cref="Error"/>.</summary>
    public const string ErrorTrailer = "physintuition-error-bin";

    private const int LongestValue = 200;

    // Of a message in the trailers, where it stands twice: many clients take up to 8 KB of them.
    private const int MostTrailerBytes = 5000;

    /// <summary>The gRPC status of a fault.</summary>
    public static StatusCode StatusOf(Fault fault) => fault switch
    {
        Fault.InvalidArgument => StatusCode.InvalidArgument,
        Fault.OutOfOrder => StatusCode.FailedPrecondition,
        Fault.NotFound => StatusCode.NotFound,
        Fault.LimitReached => StatusCode.ResourceExhausted,
        Fault.NotAllowed => StatusCode.PermissionDenied,
        Fault.NotAuthenticated => StatusCode.Unauthenticated,
        Fault.Unavailable => StatusCode.Unavailable,
        _ => StatusCode.Internal,
    };

    /// <summary>What the caller is told about any exception. Our own failures tell nothing but a reference.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="reference">Finds the log entry of a failure that is ours.</param>
    public static Error ToError(Exception failure, string reference) => failure switch
    {
        PhysIntuitionException fault => ToError(fault),
        OperationCanceledException => new Error
        {
            Code = (uint)StatusCode.Cancelled,
            Reason = "CANCELLED",
            Message = "The call was cancelled or its deadline passed; nothing more is done for it.",
        },
        _ => new Error
        {
            Code = (uint)StatusCode.Internal,
            Reason = "INTERNAL",
            Message = $"The server failed; its log has the details under '{reference}'.",
        },
    };

    /// <summary>The failure that another server told of, to be told once more.</summary>
    public static Exception ToException(Error error)
    {
        var fault = Enum.GetValues<Fault>().Cast<Fault?>().FirstOrDefault(known =>
            (uint)StatusOf(known!.Value) == error.Code);
        if (fault is null || error.Code == (uint)StatusCode.Internal)
        {
            return new InvalidOperationException(error.Message);
        }

        var field = error.Option.Length > 0 ? error.Option : error.Field;
        return new PhysIntuitionException(fault.Value, field, error.Message)
        {
            Reason = error.Reason,
            Value = error.Value,
            Rule = error.Rule,
            Remedy = error.Remedy,
            RetryAfter = error.RetryAfterMs > 0 ? TimeSpan.FromMilliseconds(error.RetryAfterMs) : null,
        };
    }

    private static Error ToError(PhysIntuitionException fault)
    {
        var isLimit = fault.Fault == Fault.LimitReached;
        return new Error
        {
            Code = (uint)StatusOf(fault.Fault),
            Message = Shorten(fault.Message),
            Reason = fault.Reason.Length > 0 ? fault.Reason : ReasonOf(fault.Fault),
            Field = isLimit ? "" : fault.Field,
            Option = isLimit ? fault.Field : "",
            Value = fault.Value.Length > LongestValue ? fault.Value[..LongestValue] : fault.Value,
            Rule = fault.Rule,
            Remedy = fault.Remedy,
            RetryAfterMs = (uint)(fault.RetryAfter?.TotalMilliseconds ?? 0),
        };
    }

    // From the middle: what is allowed and what to do stand at the end, behind a value that may be long.
    private static string Shorten(string message)
    {
        foreach (var letters in (ReadOnlySpan<int>)[message.Length, 2000, 1000, 700, 500, 375])
        {
            var shorter = message.Length <= letters
                ? message
                : $"{message.AsSpan(0, letters / 4)} ... {message.AsSpan(message.Length - (letters / 4 * 3))}";
            if (TrailerBytes(shorter) <= MostTrailerBytes)
            {
                return shorter;
            }
        }

        throw new System.Diagnostics.UnreachableException("375 letters of 13 bytes fit.");
    }

    // Percent-encoded in grpc-message, where a letter outside ASCII takes three for each byte; base64 in our own.
    private static int TrailerBytes(string message)
    {
        var bytes = Encoding.UTF8.GetByteCount(message);
        var ascii = message.Count(char.IsAscii);
        return ascii + (3 * (bytes - ascii)) + (bytes * 4 / 3);
    }

    private static string ReasonOf(Fault fault) => fault switch
    {
        Fault.InvalidArgument => "INVALID_ARGUMENT",
        Fault.OutOfOrder => "OUT_OF_ORDER",
        Fault.NotFound => "NOT_FOUND",
        Fault.LimitReached => "LIMIT_REACHED",
        Fault.NotAllowed => "NOT_ALLOWED",
        Fault.NotAuthenticated => "NOT_AUTHENTICATED",
        Fault.Unavailable => "UNAVAILABLE",
        _ => "INTERNAL",
    };
}
