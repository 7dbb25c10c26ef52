namespace PhysIntuition.Vlm.Tokenization;

/// <summary>Unicode normalisation form C, the same on every machine.</summary>
/// <remarks>
/// string.Normalize returns its input unchanged where globalisation is invariant, as in this product, so the
/// algorithm of Unicode Standard Annex 15 is carried out here over the tables in canonical.txt.
/// </remarks>
public static class CanonicalComposition
{
    private const int FirstNotTrivial = 0x300;   // below, every character is its own NFC and combines with nothing

    // Hangul syllables are composed by arithmetic: Unicode Standard, section 3.12.
    private const int LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7, SBase = 0xAC00;
    private const int LCount = 19, VCount = 21, TCount = 28, SCount = LCount * VCount * TCount;

    private static readonly Lazy<Tables> s_tables = new(Tables.Load);

    /// <summary>The text in form C; the same instance if nothing changes.</summary>
    public static string Normalize(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange((char)FirstNotTrivial, char.MaxValue))
        {
            return text;
        }

        var points = Decompose(text, s_tables.Value);
        Compose(points, s_tables.Value);
        var builder = new StringBuilder(text.Length);
        foreach (var point in points)
        {
            Append(builder, point);
        }

        return builder.Equals(text.AsSpan()) ? text : builder.ToString();
    }

    private static void Append(StringBuilder builder, int point)
    {
        if (point < 0x10000)
        {
            builder.Append((char)point);   // also a lone surrogate, which stays as it came
            return;
        }

        builder.Append((char)(0xD800 + ((point - 0x10000) >> 10))).Append((char)(0xDC00 + ((point - 0x10000) & 0x3FF)));
    }

    private static List<int> Decompose(string text, Tables tables)
    {
        var points = new List<int>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            AddDecomposed(isPair ? char.ConvertToUtf32(text[i], text[++i]) : text[i], points, tables);
        }

        Reorder(points, tables);
        return points;
    }

    private static void AddDecomposed(int point, List<int> points, Tables tables)
    {
        var syllable = point - SBase;
        if (syllable is >= 0 and < SCount)
        {
            points.Add(LBase + (syllable / (VCount * TCount)));
            points.Add(VBase + (syllable % (VCount * TCount) / TCount));
            if (syllable % TCount != 0)
            {
                points.Add(TBase + (syllable % TCount));
            }
        }
        else if (tables.Decompositions.TryGetValue(point, out var parts))
        {
            AddDecomposed(parts.First, points, tables);
            if (parts.Second != 0)
            {
                points.Add(parts.Second);   // only first parts decompose further
            }
        }
        else
        {
            points.Add(point);
        }
    }

    /// <summary>Sorts every run of combining marks by class; equal classes keep their order.</summary>
    private static void Reorder(List<int> points, Tables tables)
    {
        for (var i = 1; i < points.Count; i++)
        {
            var point = points[i];
            var rank = tables.ClassOf(point);
            var j = i;
            while (rank != 0 && j > 0 && tables.ClassOf(points[j - 1]) > rank)
            {
                points[j] = points[--j];
            }

            points[j] = point;
        }
    }

    /// <summary>Joins each mark with the starter before it unless a mark of no lower class stands between.</summary>
    private static void Compose(List<int> points, Tables tables)
    {
        var starter = -1;
        var previousRank = -1;   // -1: nothing stands between the starter and the next character
        var kept = 0;
        foreach (var point in points.ToArray())
        {
            var rank = tables.ClassOf(point);
            var isReachable = starter >= 0 && previousRank < rank;
            if (isReachable && TryJoin(points[starter], point, tables, out var joined))
            {
                points[starter] = joined;
                continue;
            }

            (starter, previousRank) = rank == 0 ? (kept, -1) : (starter, rank);
            points[kept++] = point;
        }

        points.RemoveRange(kept, points.Count - kept);
    }

    private static bool TryJoin(int first, int second, Tables tables, out int joined)
    {
        var (l, v, s, t) = (first - LBase, second - VBase, first - SBase, second - TBase);
        if (l is >= 0 and < LCount && v is >= 0 and < VCount)
        {
            joined = SBase + (((l * VCount) + v) * TCount);
            return true;
        }

        if (s is >= 0 and < SCount && s % TCount == 0 && t is > 0 and < TCount)
        {
            joined = first + t;
            return true;
        }

        return tables.Compositions.TryGetValue((first, second), out joined);
    }

    private sealed class Tables
    {
        private readonly Dictionary<int, int> _classes = [];

        public Dictionary<int, (int First, int Second)> Decompositions { get; } = [];

        public Dictionary<(int First, int Second), int> Compositions { get; } = [];

        public int ClassOf(int point) => point < FirstNotTrivial ? 0 : _classes.GetValueOrDefault(point);

        public static Tables Load()
        {
            using var stream = typeof(Tables).Assembly.GetManifestResourceStream("canonical.txt")
                ?? throw new InvalidOperationException("The assembly lacks its resource canonical.txt.");
            using var reader = new StreamReader(stream);
            var tables = new Tables();
            while (reader.ReadLine() is { } line)
            {
                tables.Add(line.Split(' '));
            }

            return tables;
        }

        private void Add(string[] fields)
        {
            if (fields[0] == "class")
            {
                for (var point = Hex(fields[1]); point <= Hex(fields[2]); point++)
                {
                    _classes[point] = int.Parse(fields[3], CultureInfo.InvariantCulture);
                }
            }
            else if (fields[0] is "pair" or "only")
            {
                var code = Hex(fields[1]);
                var parts = (First: Hex(fields[2]), Second: fields.Length > 3 ? Hex(fields[3]) : 0);
                Decompositions.Add(code, parts);
                if (fields[0] == "pair")
                {
                    Compositions.Add(parts, code);
                }
            }
        }

        private static int Hex(string field) => int.Parse(field, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
