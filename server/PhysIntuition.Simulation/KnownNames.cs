namespace PhysIntuition.Faults;

/// <summary>Says which names there are where somebody asked for another one.</summary>
public static class KnownNames
{
    private const int LettersPerMistake = 3;   // a name of seven letters may have two wrong

    /// <summary>The known name that was probably meant; null where none is near.</summary>
    /// <param name="name">What was asked for.</param>
    /// <param name="known">What there is.</param>
    public static string? Near(string name, IEnumerable<string> known)
    {
        var (best, fewest) = ((string?)null, Math.Max(1, name.Length / LettersPerMistake) + 1);
        foreach (var candidate in known)
        {
            var mistakes = Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (mistakes < fewest)
            {
                (best, fewest) = (candidate, mistakes);
            }
        }

        return best;
    }

    /// <summary>" Did you mean 'test'?" where a known name is near; else nothing.</summary>
    /// <param name="name">What was asked for.</param>
    /// <param name="known">What there is.</param>
    public static string Hint(string name, IEnumerable<string> known) =>
        Near(name, known) is { } meant ? $" Did you mean '{meant}'?" : "";

    /// <summary>Field, value, the near name, and all names, in two sentences.</summary>
    /// <param name="field">The field or option, in the caller's spelling.</param>
    /// <param name="name">What was asked for.</param>
    /// <param name="known">What there is.</param>
    public static PhysIntuitionException Unknown(string field, string name, IReadOnlyCollection<string> known) =>
        new(Fault.NotFound, field,
            $"'{field}' is '{name}', which is unknown.{Hint(name, known)} There is {string.Join(", ", known)}.");

    /// <summary>Letters to insert, remove, replace or swap with their neighbour (optimal string alignment).</summary>
    private static int Distance(string from, string to)
    {
        var rows = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            rows[i, 0] = i;
        }

        for (var j = 0; j <= to.Length; j++)
        {
            rows[0, j] = j;
        }

        for (var i = 1; i <= from.Length; i++)
        {
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = rows[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(replaced, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[from.Length, to.Length];
    }
}
