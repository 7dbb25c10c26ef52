using System.Collections.Concurrent;

namespace PhysIntuition.Compat.Grpc.Tests.Hosting;

/// <summary>Lets tests wait for what the service saw.</summary>
public sealed class CallLog
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _cancelled = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _started = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _ended = new();

    public void Started(string text) => Source(_started, text).TrySetResult();

    public void Cancelled(string text) => Source(_cancelled, text).TrySetResult();

    public void Ended(string text) => Source(_ended, text).TrySetResult();

    public Task WhenEnded(string text) => Source(_ended, text).Task.WaitAsync(Given.Patience);

    public bool HasStarted(string text) => Source(_started, text).Task.IsCompleted;

    public Task WhenStarted(string text) => Source(_started, text).Task.WaitAsync(Given.Patience);

    public Task WhenCancelled(string text) => Source(_cancelled, text).Task.WaitAsync(Given.Patience);

    private static TaskCompletionSource Source(ConcurrentDictionary<string, TaskCompletionSource> all, string text) =>
        all.GetOrAdd(text, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
