using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PhysIntuition.Environments.Observations;

/// <summary>Which turns of a chat are shown.</summary>
/// <param name="Turns">Most turns of the user, with the answers between them and after the system's turn; 0: those
/// since the last answer alone.</param>
public readonly record struct ChatHistory(int Turns)
{
    /// <summary>What <see cref="TryParse"/> takes.</summary>
    public const string Rule = "it must be all, new or a whole number above 0";

    /// <summary>Those since the last answer.</summary>
    public static ChatHistory New => default;

    /// <summary>The whole conversation.</summary>
    public static ChatHistory All => new(int.MaxValue);

    /// <summary>Whether earlier turns have to be known.</summary>
    public bool KeepsTurns => Turns > 0;

    /// <summary>Reads <c>all</c>, <c>new</c> or a number of turns; empty is <c>new</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ChatHistory? history)
    {
        history = text switch
        {
            "" or "new" => New,
            "all" => All,
            _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 =>
                new ChatHistory(count),
            _ => null,
        };

        return history is not null;
    }
}
