using Grpc.Core;

namespace PhysIntuition.Client;

/// <summary>The server refused a call, and says what to do.</summary>
public sealed class EnvironmentException : Exception
{
    internal EnvironmentException(Error error, Exception? inner = null)
        : base(error.Message, inner)
    {
        Details = error;
    }

    /// <summary>The gRPC status.</summary>
    public StatusCode Code => (StatusCode)Details.Code;

    /// <summary>Stable, for programs: "OUT_OF_RANGE", "SESSION_EXPIRED", ...</summary>
    public string Reason => Details.Reason;

    /// <summary>The request field at fault, in the protocol's spelling; may be empty.</summary>
    public string Field => Details.Field;

    /// <summary>When a retry makes sense; null: not before something else changes.</summary>
    public TimeSpan? RetryAfter =>
        Details.RetryAfterMs == 0 ? null : TimeSpan.FromMilliseconds(Details.RetryAfterMs);

    /// <summary>All that the server said.</summary>
    public Error Details { get; }

    private const string Trailer = "physintuition-error-bin";

    /// <summary>A value that is not sent.</summary>
    internal static EnvironmentException Refuse(string field, string fault, string rule, string remedy) =>
        new(new Error
        {
            Code = (uint)StatusCode.InvalidArgument,
            Reason = "INVALID_ARGUMENT",
            Field = field,
            Rule = rule,
            Remedy = remedy,
            Message = $"'{field}' {fault}; {rule}. {remedy}",
        });

    internal static EnvironmentException From(RpcException failure)
    {
        var bytes = failure.Trailers.GetValueBytes(Trailer);
        var error = bytes is not null
            ? Error.Parser.ParseFrom(bytes)
            : new Error
            {
                Code = (uint)(ServerAddress.IsAway(failure) ? StatusCode.Unavailable : failure.StatusCode),
                Message = ServerAddress.WhyUnreachable(failure) ?? failure.Status.Detail,
            };
        return new EnvironmentException(error, failure);
    }
}
