namespace PhysIntuition.Vlm.Images;

/// <summary>The five line filters of PNG, undone in place.</summary>
internal static class PngFilter
{
    /// <summary>Restores one line.</summary>
    /// <param name="filter">0 none, 1 left, 2 above, 3 their mean, 4 Paeth; -1 if the data has ended.</param>
    /// <param name="line">The filtered bytes; receives the restored ones.</param>
    /// <param name="above">The line before, restored; zeros above the first.</param>
    /// <param name="distance">Bytes to the left neighbour.</param>
    public static void Undo(int filter, Span<byte> line, ReadOnlySpan<byte> above, int distance)
    {
        for (var i = 0; i < line.Length; i++)
        {
            var left = i < distance ? 0 : line[i - distance];
            var corner = i < distance ? 0 : above[i - distance];
            line[i] += (byte)(filter switch
            {
                0 => 0,
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                4 => Paeth(left, above[i], corner),
                -1 => throw new EndOfStreamException(),
                _ => throw new InvalidDataException($"PNG line has the unknown filter {filter}."),
            });
        }
    }

    /// <summary>The neighbour nearest to left + above - corner; ties prefer left, then above.</summary>
    private static int Paeth(int left, int above, int corner)
    {
        var toLeft = Math.Abs(above - corner);
        var toAbove = Math.Abs(left - corner);
        var toCorner = Math.Abs(left + above - (2 * corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }
}
