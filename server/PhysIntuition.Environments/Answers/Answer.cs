namespace PhysIntuition.Environments.Answers;

/// <summary>An answer as numbers, or the reason why the text could not be read.</summary>
public readonly record struct Answer
{
    /// <summary>Most numbers in one answer.</summary>
    public const int MaxNumbers = 32;

    /// <summary>So many numbers are held without an allocation.</summary>
    internal const int Few = 4;

    private readonly double _a;
    private readonly double _b;
    private readonly double _c;
    private readonly double _d;
    private readonly Rest _rest;

    /// <summary>An answer of one to four numbers.</summary>
    public Answer(double a, double b = 0, double c = 0, double d = 0, int count = 1)
    {
        (_a, _b, _c, _d, Count) = (a, b, c, d, count);
    }

    private Answer(ReadOnlySpan<double> many)
        : this(many[0], many[1], many[2], many[3], many.Length)
    {
        _rest = new(many[Few..].ToArray());
    }

    private Answer(string error)
    {
        Error = error;
    }

    /// <summary>Numbers in this answer; 0 when it could not be read.</summary>
    public int Count { get; }

    /// <summary>Why the text could not be read, in a sentence; null for a legal answer.</summary>
    public string? Error { get; }

    /// <summary>Whether only what would come of it is asked: it stood between try tags.</summary>
    public bool IsTry { get; init; }

    /// <summary>Whether the numbers are there.</summary>
    public bool IsLegal => Error is null && Count > 0;

    /// <summary>Number <paramref name="index"/>, in the unit of its axis.</summary>
    public double this[int index] => index switch
    {
        0 => _a, 1 => _b, 2 => _c, 3 => _d, _ => _rest[index - Few],
    };

    /// <summary>Whether a yes/no answer says yes.</summary>
    public bool IsYes => _a != 0;

    /// <summary>No (0) or yes (1).</summary>
    public static Answer OfYes(bool isYes) => new(isYes ? 1 : 0);

    /// <summary>An answer of two numbers.</summary>
    public static Answer OfPair(double a, double b) => new(a, b, count: 2);

    /// <summary>An answer of three numbers.</summary>
    public static Answer OfTriple(double a, double b, double c) => new(a, b, c, count: 3);

    /// <summary>The first <see cref="MaxNumbers"/> of a list.</summary>
    public static Answer Of(ReadOnlySpan<double> numbers)
    {
        var n = numbers.Length;
        if (n > Few)
        {
            return new(numbers[..Math.Min(n, MaxNumbers)]);
        }

        return new(n > 0 ? numbers[0] : 0, n > 1 ? numbers[1] : 0, n > 2 ? numbers[2] : 0, n > 3 ? numbers[3] : 0, n);
    }

    /// <summary>A text that could not be read.</summary>
    public static Answer Unreadable(string reason) => new(reason);

    // The numbers of a list from the fifth on: equal where they are, not where their array is.
    private readonly struct Rest(double[] numbers) : IEquatable<Rest>
    {
        private readonly double[]? _numbers = numbers;

        public double this[int index] => _numbers![index];

        public bool Equals(Rest other) => _numbers.AsSpan().SequenceEqual(other._numbers);

        public override bool Equals(object? obj) => obj is Rest other && Equals(other);

        public override int GetHashCode() => _numbers is null ? 0 : HashCode.Combine(_numbers.Length, _numbers[0]);
    }
}
