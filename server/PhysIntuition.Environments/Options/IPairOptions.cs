namespace PhysIntuition.Environments.Options;

/// <summary>Options of tasks whose scenes come in minimal pairs where one wishes.</summary>
public interface IPairOptions
{
    /// <summary>
    /// Minimal pairs: seeds 2k and 2k + 1 give one scene twice, the second time with one small change that changes the
    /// outcome; which of the two has which outcome is random.
    /// </summary>
    bool Pairs { get; }

    /// <summary>The same options with pairs.</summary>
    internal TaskOptions WithPairs();
}
