namespace PhysIntuition.Environments.Options;

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
