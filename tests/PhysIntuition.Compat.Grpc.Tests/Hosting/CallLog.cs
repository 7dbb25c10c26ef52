using System.Collections.Concurrent;

namespace PhysIntuition.Compat.Grpc.Tests.Hosting;

/// <summary>Lets tests wait for what the service saw.</summary>
public sealed class CallLog
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _cancelled = new();

    public void Cancelled(string text) => Source(text).TrySetResult();

    public Task WhenCancelled(string text) => Source(text).Task.WaitAsync(Given.Patience);

    private TaskCompletionSource Source(string text) =>
        _cancelled.GetOrAdd(text, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
