namespace PhysIntuition.Environments.Episodes;

/// <summary>How many candidates were tried, how many became scenes, and why the others did not.</summary>
public sealed class DraftReport
{
    private readonly SortedDictionary<string, long> _reasons = new(StringComparer.Ordinal);

    /// <summary>Scenes made.</summary>
    public long Accepted { get; private set; }

    /// <summary>Candidates given up.</summary>
    public long Rejected { get; private set; }

    /// <summary>Share of candidates that were given up.</summary>
    public double RejectedShare => Accepted + Rejected == 0 ? 0 : (double)Rejected / (Accepted + Rejected);

    /// <summary>Rejected candidates by reason, in alphabetical order.</summary>
    public IReadOnlyDictionary<string, long> Reasons => _reasons;

    internal void Count(string reason)
    {
        _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;
        Rejected++;
    }

    internal void CountAccepted() => Accepted++;
}
