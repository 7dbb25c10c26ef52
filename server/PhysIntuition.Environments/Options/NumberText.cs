using System.Globalization;
using System.Numerics;

namespace PhysIntuition.Environments.Options;

/// <summary>Numbers as command lines have them: with a decimal point, and nothing between the digits.</summary>
public static class NumberText
{
    /// <summary>Reads a number within a rule; "0,7" is none.</summary>
    /// <param name="name">The option, as the message names it.</param>
    /// <param name="text">What was written.</param>
    /// <param name="rule">What is allowed.</param>
    /// <param name="fault">What is wrong with it, in a sentence; empty: nothing.</param>
    public static T Read<T>(string name, string text, WithinAttribute rule, out string fault)
        where T : INumber<T>
    {
        fault = "";
        if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && rule.Allows(double.CreateChecked(value)))
        {
            return value;
        }

        var kind = typeof(T) == typeof(float) || typeof(T) == typeof(double)
            ? "a number with a decimal point,"
            : "a whole number";
        fault = $"'{name}' is {text}; it must be {kind} {rule}.";
        return T.Zero;
    }
}
