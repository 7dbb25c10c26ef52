namespace PhysIntuition.Rendering.Encoding;

/// <summary>A list of the groups of eight bytes that are not all zero, with the groups of zeros before each.</summary>
/// <remarks>Filtered pictures have zeros at places that no processor foresees: no branch depends on them.</remarks>
internal unsafe struct ByteGroups
{
    /// <summary>Bytes of a group.</summary>
    public const int Size = 8;

    /// <summary>Groups that are looked at together.</summary>
    public const int Most = 512;

    /// <summary>The bytes of each group, the first lowest.</summary>
    public fixed ulong Words[Most];

    /// <summary>Groups of zeros before each.</summary>
    public fixed int Zeros[Most + 1];

    /// <summary>Groups that are listed.</summary>
    public int Count;

    /// <summary>Groups of zeros behind the last; those before the next list's first.</summary>
    public int Pending;

    /// <summary>Lists these groups in place of those before.</summary>
    /// <param name="data">Begins with a group.</param>
    /// <param name="groups">At most <see cref="Most"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Collect(byte* data, int groups)
    {
        var (count, pending) = (0, Pending);
        for (var i = 0; i < groups; i++)
        {
            var word = ((ulong*)data)[i];
            Words[count] = word;
            Zeros[count] = pending;
            var isThere = word != 0 ? 1 : 0;
            count += isThere;
            pending = (pending + 1) & (isThere - 1);
        }

        (Count, Pending) = (count, pending);
    }
}
