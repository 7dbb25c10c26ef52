using System.Collections.Concurrent;

namespace PhysIntuition.Server.Batches;

/// <summary>The pages of one environment.</summary>
internal sealed class PagePool
{
    private readonly ConcurrentStack<Page> _free = new();
    private readonly Page[] _shared;
    private ulong _replies;

    /// <summary>Pages in private memory, and one for each buffer of shared memory.</summary>
    /// <param name="memory">Shared memory; null: none.</param>
    public PagePool(SharedBuffers? memory)
    {
        _shared = [.. (memory?.Regions ?? []).Select(region => new Page(this, region))];
    }

    /// <summary>A page for the next reply. Called by one thread at a time.</summary>
    public Page Rent()
    {
        var page = NextShared() ?? (_free.TryPop(out var free) ? free : new Page(this, shared: null));
        page.Begin();
        return page;
    }

    /// <summary>Takes a page back.</summary>
    public void Return(Page page)
    {
        if (!_shared.Contains(page))
        {
            _free.Push(page);
        }
    }

    // A buffer is reused in turn. One that is still being sent is passed over: that reply carries its tensors itself.
    private Page? NextShared()
    {
        if (_shared.Length == 0)
        {
            return null;
        }

        var page = _shared[_replies++ % (ulong)_shared.Length];
        return page.IsHeld ? null : page;
    }
}
