using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>Takes deadline and cancellation over from the served call that makes this call.</summary>
internal static class CallInheritance
{
    internal static CallOptions Apply(CallOptions options, out CancellationToken inherited)
    {
        inherited = default;
        if (options.PropagationToken is not ServedCallPropagationToken token)
        {
            return options;
        }

        inherited = token.CancellationToken;
        return token.Deadline is { } deadline && deadline < (options.Deadline ?? DateTime.MaxValue)
            ? options.WithDeadline(deadline)
            : options;
    }
}
