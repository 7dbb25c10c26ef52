using System.Globalization;
using PhysIntuition.Faults;

namespace PhysIntuition.Simulation.Queries;

/// <summary>Argument checks of the public queries.</summary>
internal static class QueryChecks
{
    /// <summary>Throws unless the value lies in [min, max]; NaN never does.</summary>
    public static void InRange(string field, float value, float min, float max, string unit)
    {
        if (!(value >= min && value <= max))
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, field, string.Create(
                CultureInfo.InvariantCulture,
                $"'{field}' is {value} {unit}; must be in [{min}, {max}]. Choose a value in that range."));
        }
    }
}
