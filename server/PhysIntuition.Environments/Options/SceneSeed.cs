namespace PhysIntuition.Environments.Options;

/// <summary>Maps a caller's seed to the number that a scene is a pure function of.</summary>
public static class SceneSeed
{
    /// <summary>Open splits take seeds below this: 2^48.</summary>
    public const ulong OpenLimit = 1UL << 48;

    /// <summary>The 64-bit number that all randomness of one episode comes from.</summary>
    /// <param name="taskId">Id with version; tasks share no scenes by accident.</param>
    /// <param name="split">Open splits lie in disjoint ranges of the same numbers.</param>
    /// <param name="seed">Below <see cref="OpenLimit"/> for an open split, any 64 bits for held-out.</param>
    /// <exception cref="PhysIntuitionException">The seed is too large for its split.</exception>
    public static ulong Of(string taskId, Split split, ulong seed)
    {
        if (split != Split.Heldout && seed >= OpenLimit)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "seed",
                $"'seed' is {seed}; seeds of the split '{split}' lie in [0, {OpenLimit - 1}]. Use a smaller seed.");
        }

        var place = split == Split.Heldout ? seed : ((ulong)split * OpenLimit) + seed;

        return new RandomStream(place, HashOf(taskId) + (ulong)split).NextBits();
    }

    /// <summary>FNV-1a over the characters (Fowler, Noll, Vo), 64 bits.</summary>
    internal static ulong HashOf(string text)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var character in text)
        {
            hash = (hash ^ character) * 0x100000001B3;
        }

        return hash;
    }
}

/// <summary>Disjoint families of scenes.</summary>
public enum Split
{
    /// <summary>For learning; open seeds.</summary>
    Train,

    /// <summary>For choosing among models; open seeds.</summary>
    Val,

    /// <summary>For reporting; open seeds.</summary>
    Test,

    /// <summary>For ranking: seeds come from a secret, and labels, rewards, state and expert are withheld.</summary>
    Heldout,
}

/// <summary>What the caller of an environment may learn.</summary>
public enum Disclosure
{
    /// <summary>Everything.</summary>
    Open,

    /// <summary>Pictures and prompts only; the rest is kept for whoever scores the run.</summary>
    Withheld,
}
