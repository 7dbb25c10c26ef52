namespace Grpc.Core;

/// <summary>The token that this implementation hands out.</summary>
internal sealed class ServedCallPropagationToken(
    ContextPropagationOptions options, DateTime deadline, CancellationToken cancellationToken) : ContextPropagationToken
{
    internal DateTime? Deadline => options.IsPropagateDeadline ? deadline : null;

    internal CancellationToken CancellationToken =>
        options.IsPropagateCancellation ? cancellationToken : CancellationToken.None;
}
