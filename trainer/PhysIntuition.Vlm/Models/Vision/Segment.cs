namespace PhysIntuition.Vlm.Models;

/// <summary>Consecutive runs of equally many rows; attention stays inside a run.</summary>
/// <param name="Start">First row.</param>
/// <param name="Count">Number of runs.</param>
/// <param name="Length">Rows in one run.</param>
internal readonly record struct Segment(long Start, long Count, long Length)
{
    /// <summary>Joins neighbouring runs of equal length, so that they become one batched product.</summary>
    internal static Segment[] Join(IEnumerable<int> lengths)
    {
        var result = new List<Segment>();
        long start = 0;
        foreach (var length in lengths)
        {
            if (result.Count > 0 && result[^1].Length == length)
            {
                result[^1] = result[^1] with { Count = result[^1].Count + 1 };
            }
            else
            {
                result.Add(new Segment(start, 1, length));
            }

            start += length;
        }

        return [.. result];
    }
}
