using System.Collections.Concurrent;

namespace PhysIntuition.Server.Batches;

/// <summary>The pages of one environment.</summary>
internal sealed class ReplyBufferPool
{
    private readonly ConcurrentStack<ReplyBuffer> _free = new();
    private readonly ReplyBuffer[] _shared;
    private ulong _replies;

    /// <summary>Pages in private memory, and one for each buffer of shared memory.</summary>
    /// <param name="memory">Shared memory; null: none.</param>
    public ReplyBufferPool(SharedBuffers? memory)
    {
        _shared = [.. (memory?.Regions ?? []).Select(region => new ReplyBuffer(this, region))];
    }

    /// <summary>A page for the next reply. Called by one thread at a time.</summary>
    public ReplyBuffer Rent()
    {
        var page = NextShared() ?? (_free.TryPop(out var free) ? free : new ReplyBuffer(this, shared: null));
        page.Begin();
        return page;
    }

    /// <summary>Takes a page back.</summary>
    public void Return(ReplyBuffer page)
    {
        if (!_shared.Contains(page))
        {
            _free.Push(page);
        }
    }

    // A buffer is reused in turn. One that is still being sent is passed over: that reply carries its tensors itself.
    private ReplyBuffer? NextShared()
    {
        if (_shared.Length == 0)
        {
            return null;
        }

        var page = _shared[_replies++ % (ulong)_shared.Length];
        return page.IsHeld ? null : page;
    }
}
