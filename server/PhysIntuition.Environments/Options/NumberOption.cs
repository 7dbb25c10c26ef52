using System.CommandLine;
using System.CommandLine.Parsing;

namespace PhysIntuition.Environments.Options;

/// <summary>Options of command lines whose numbers are checked before a command begins.</summary>
/// <remarks>Numbers have a decimal point, and nothing between the digits: "0,7" is none.</remarks>
public static class NumberOption
{
    /// <summary>A number with a default.</summary>
    public static Option<T> Of<T>(string name, string description, T value, WithinAttribute rule)
        where T : INumber<T> => new(name)
        {
            Description = description,
            DefaultValueFactory = _ => value,
            CustomParser = result => Read<T>(result, name, result.Tokens[^1].Value, rule),
        };

    /// <summary>A number that may be absent.</summary>
    public static Option<T?> Optional<T>(string name, string description, WithinAttribute rule)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            CustomParser = result => Read<T>(result, name, result.Tokens[^1].Value, rule),
        };

    /// <summary>Any count of numbers.</summary>
    public static Option<T[]> Many<T>(string name, string description, WithinAttribute rule)
        where T : INumber<T> => new(name)
        {
            Description = description,
            AllowMultipleArgumentsPerToken = true,
            CustomParser = result => [.. result.Tokens.Select(token => Read<T>(result, name, token.Value, rule))],
        };

    private static T Read<T>(ArgumentResult result, string name, string text, WithinAttribute rule)
        where T : INumber<T>
    {
        if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && rule.Allows(double.CreateChecked(value)))
        {
            return value;
        }

        var kind = typeof(T) == typeof(float) || typeof(T) == typeof(double)
            ? "a number with a decimal point,"
            : "a whole number";
        result.AddError($"'{name}' is {text}; it must be {kind} {rule}.");
        return T.Zero;
    }
}
