using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PhysIntuition.Server.Batches;

/// <summary>One reply and its memory. Reused once nobody holds it: neither the replay window nor a sender.</summary>
/// <param name="pool">Where it goes back to.</param>
/// <param name="shared">The part of shared memory that its tensors may lie in; null: none.</param>
internal sealed class ReplyBuffer(ReplyBufferPool pool, SharedRegion? shared)
{
    private readonly List<HeldBuffer> _buffers = [];
    private int _buffersUsed;
    private int _sharedUsed;
    private int _holders;
    private int _states;   // bytes of states at the beginning of the shared memory, since this or an earlier reply

    /// <summary>Rewards, terminated, truncated, started.</summary>
    public HeldBuffer Rewards { get; } = new();

    /// <inheritdoc cref="StepReply.Terminated"/>
    public HeldBuffer Terminated { get; } = new();

    /// <inheritdoc cref="StepReply.Truncated"/>
    public HeldBuffer Truncated { get; } = new();

    /// <inheritdoc cref="StepReply.Started"/>
    public HeldBuffer Started { get; } = new();

    /// <summary>The reply to a step, if this page holds one.</summary>
    public StepReply? Step { get; set; }

    /// <summary>The reply to a reset or restore, if this page holds one.</summary>
    public ResetReply? Reset { get; set; }

    /// <summary>The reply that this one shows ahead, held as long as this one; null: none.</summary>
    public ReplyBuffer? Next { get; private set; }

    /// <summary>Whether somebody holds it.</summary>
    public bool IsHeld => Volatile.Read(ref _holders) > 0;

    /// <summary>Takes it, empty, for one holder.</summary>
    public void Begin()
    {
        (_buffersUsed, _sharedUsed, _holders) = (0, 0, 1);
        (Step, Reset) = (null, null);
    }

    /// <summary>One holder more.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>Shows the reply to the step after this one's, and takes its holder's place.</summary>
    public void ShowNext(ReplyBuffer next) => (Next, Step!.Next) = (next, next.Step);

    /// <summary>One holder less; the last gives the page back.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            var next = Next;
            Next = null;
            pool.Return(this);
            next?.Release();
        }
    }

    /// <summary>Memory for a tensor's elements, which the tensor then shows.</summary>
    public Span<byte> Reserve(Tensor tensor, int bytes) => Reserve(tensor, bytes, isState: false, out _);

    /// <summary>The same for states.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="isState">Whether its elements are states.</param>
    /// <param name="holdsStates">Whether the memory holds other states, row by row.</param>
    public Span<byte> Reserve(Tensor tensor, int bytes, bool isState, out bool holdsStates)
    {
        if (TryShare(bytes, isState ? bytes : 0, out var span, out var offset, out holdsStates))
        {
            tensor.MemoryOffset = offset;
            return span;
        }

        span = Reserve(bytes, out var shown);
        tensor.Data = shown;
        return span;
    }

    /// <summary>Takes the shared memory for anything: it may not have been written as it was reserved.</summary>
    public void ForgetStates() => _states = 0;

    /// <summary>Memory for the bytes of all rows' texts, which the message then shows.</summary>
    /// <param name="texts">The message.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="mayShare">Whether they may lie in shared memory.</param>
    public Span<byte> Reserve(Texts texts, int bytes, bool mayShare)
    {
        if (mayShare && TryShare(bytes, states: 0, out var span, out var offset, out _))
        {
            texts.MemoryOffset = offset;
            return span;
        }

        span = Reserve(bytes, out var shown);
        texts.Packed = shown;
        return span;
    }

    /// <summary>Memory for bytes, which a field of the message then shows.</summary>
    public Span<byte> Reserve(int bytes, out ByteString shown)
    {
        if (_buffersUsed == _buffers.Count)
        {
            _buffers.Add(new HeldBuffer());
        }

        var buffer = _buffers[_buffersUsed++];
        var span = buffer.Reserve(bytes);
        shown = buffer.Show(bytes);
        return span;
    }

    private bool TryShare(int bytes, int states, out Span<byte> span, out ulong offset, out bool holdsStates)
    {
        span = default;
        offset = 0;
        holdsStates = false;
        var isFirst = _sharedUsed == 0;
        if (shared is null || !shared.TryReserve(ref _sharedUsed, bytes, out span, out offset))
        {
            return false;
        }

        if (isFirst)
        {
            holdsStates = states > 0 && _states == states;
            _states = states;
        }

        return true;
    }

    /// <summary>The same as numbers.</summary>
    public Span<T> Reserve<T>(Tensor tensor, int count)
        where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(Reserve(tensor, count * System.Runtime.CompilerServices.Unsafe.SizeOf<T>()));
}

/// <summary>Bytes that replies point into: reused from reply to reply, copied nowhere.</summary>
internal sealed class HeldBuffer
{
    private byte[] _bytes = [];
    private ByteString _whole = ByteString.Empty;

    /// <summary>The first <paramref name="length"/> bytes, to be written.</summary>
    public Span<byte> Reserve(int length)
    {
        if (_bytes.Length < length)
        {
            // Pictures of a batch are large; none is cleared, and none moves while a reply is sent.
            _bytes = GC.AllocateUninitializedArray<byte>(length, pinned: length > 64 * 1024);
            _whole = UnsafeByteOperations.UnsafeWrap(_bytes);
        }

        return _bytes.AsSpan(0, length);
    }

    /// <summary>The same as numbers.</summary>
    public Span<T> Reserve<T>(int count)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Reserve(count * Unsafe.SizeOf<T>()));

    /// <summary>A message field that shows the first <paramref name="length"/> bytes.</summary>
    public ByteString Show(int length)
    {
        if (length == 0)
        {
            return ByteString.Empty;
        }

        return length == _bytes.Length ? _whole : UnsafeByteOperations.UnsafeWrap(_bytes.AsMemory(0, length));
    }
}

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
