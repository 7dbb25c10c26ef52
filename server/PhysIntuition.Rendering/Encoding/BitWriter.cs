namespace PhysIntuition.Rendering.Encoding;

/// <summary>Collects bits, least significant first.</summary>
/// <param name="target">Where they go; written eight bytes at a time.</param>
internal unsafe struct BitWriter(byte* target)
{
    /// <summary>Bits that fit behind the seven that may wait; a whole word cannot be shifted out.</summary>
    public const int Room = 56;

    private byte* _target = target;
    private ulong _waiting;
    private int _count;

    /// <summary>Appends bits; at most <see cref="Room"/> between two flushes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(ulong value, int count)
    {
        _waiting |= value << _count;
        _count += count;
    }

    /// <summary>Moves whole bytes out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Flush()
    {
        *(ulong*)_target = _waiting;
        _target += _count >> 3;
        _waiting >>= _count & ~7;
        _count &= 7;
    }

    /// <summary>Moves everything out; returns the end.</summary>
    public byte* Finish()
    {
        Flush();
        return _count > 0 ? _target + 1 : _target;
    }
}
