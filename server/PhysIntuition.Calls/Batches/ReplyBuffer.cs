using System.Runtime.InteropServices;
using Google.Protobuf;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Batches;

/// <summary>One reply and its memory. Reused once nobody holds it: neither the replay window nor a sender.</summary>
/// <param name="pool">Where it goes back to.</param>
/// <param name="shared">The part of shared memory that its tensors may lie in; null: none.</param>
internal sealed class ReplyBuffer(ReplyBufferPool pool, SharedRegion? shared)
{
    private readonly List<HeldBuffer> _tensors = [];
    private int _tensorsUsed;
    private int _sharedUsed;
    private int _holders;

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

    /// <summary>Whether somebody holds it.</summary>
    public bool IsHeld => Volatile.Read(ref _holders) > 0;

    /// <summary>Takes it, empty, for one holder.</summary>
    public void Begin()
    {
        (_tensorsUsed, _sharedUsed, _holders) = (0, 0, 1);
        (Step, Reset) = (null, null);
    }

    /// <summary>One holder more.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>One holder less; the last gives the page back.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            pool.Return(this);
        }
    }

    /// <summary>Memory for a tensor's elements, which the tensor then shows.</summary>
    public Span<byte> Reserve(Tensor tensor, int bytes)
    {
        if (shared is not null && shared.TryReserve(ref _sharedUsed, bytes, out var span, out var offset))
        {
            tensor.MemoryOffset = offset;
            return span;
        }

        if (_tensorsUsed == _tensors.Count)
        {
            _tensors.Add(new HeldBuffer());
        }

        var buffer = _tensors[_tensorsUsed++];
        span = buffer.Reserve(bytes);
        tensor.Data = buffer.Show(bytes);
        return span;
    }

    /// <summary>The same as numbers.</summary>
    public Span<T> Reserve<T>(Tensor tensor, int count)
        where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(Reserve(tensor, count * System.Runtime.CompilerServices.Unsafe.SizeOf<T>()));
}
