namespace PhysIntuition.Environments.Tasks;

/// <summary>Scores a place on a line: 1 at the spot, falling linearly, 0 from one scale away.</summary>
internal static class DistanceRule
{
    /// <summary>Pays 1 - distance / scale, at least 0; -1 for unreadable.</summary>
    /// <param name="turn">Its first number is the place, hundredths of a metre.</param>
    /// <param name="place">The right place, m.</param>
    /// <param name="scale">Where the reward reaches 0, m.</param>
    public static Verdict Judge(StepContext turn, double place, double scale) =>
        Score(turn, Math.Abs((turn.Answer[0] / 100) - place), scale);

    /// <summary>Pays 1 - distance / scale, at least 0; -1 for unreadable.</summary>
    /// <param name="turn">Whose answer may be unreadable.</param>
    /// <param name="distance">How far off it is, m.</param>
    /// <param name="scale">Where the reward reaches 0, m.</param>
    public static Verdict Score(StepContext turn, double distance, double scale)
    {
        if (!turn.Answer.IsLegal)
        {
            return new(-1, IsOver: true, "Unreadable.");
        }

        return new(Math.Max(0, 1 - (distance / scale)), IsOver: true, Words(distance / scale), distance);
    }

    private static string Words(double share) => share switch
    {
        < 0.05 => "On the spot.",
        < 0.25 => "Close.",
        < 1 => "Not far.",
        _ => "Far off.",
    };
}
