namespace PhysIntuition.Trainer.Rollouts;

/// <summary>Rows of like length together, so that little of a batch's rectangle is padding.</summary>
internal static class LengthGroups
{
    /// <summary>The share of a group's tokens that may be padding where nothing else is said.</summary>
    public const double Padding = 0.125;

    /// <summary>Places of the rows, group by group from the shortest to the longest, in order within each.</summary>
    /// <param name="lengths">Tokens of each row.</param>
    /// <param name="padding">The share of a group's tokens that may be padding, from 0 to 1.</param>
    public static IEnumerable<int[]> Of(IReadOnlyList<int> lengths, double padding = Padding)
    {
        int[] rows = [.. Enumerable.Range(0, lengths.Count).OrderBy(row => lengths[row])];
        var (first, sum) = (0, 0);
        for (var end = 0; end <= rows.Length; end++)
        {
            if (end == rows.Length
                || sum + lengths[rows[end]] < (end + 1 - first) * lengths[rows[end]] * (1 - padding))
            {
                yield return [.. rows[first..end].Order()];
                (first, sum) = (end, 0);
            }

            sum += end < rows.Length ? lengths[rows[end]] : 0;
        }
    }
}
