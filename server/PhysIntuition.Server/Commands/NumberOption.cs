using System.CommandLine;
using System.CommandLine.Parsing;
using System.Numerics;
using PhysIntuition.Environments.Options;

namespace PhysIntuition.Server.Commands;

/// <summary>Options whose number is checked before a command begins.</summary>
internal static class NumberOption
{
    /// <summary>A number with a default.</summary>
    public static Option<T> Of<T>(string name, string description, T value, WithinAttribute rule)
        where T : INumber<T> => new(name)
        {
            Description = description,
            DefaultValueFactory = _ => value,
            CustomParser = result => Read<T>(result, name, rule),
        };

    /// <summary>A number that may be absent.</summary>
    public static Option<T?> Optional<T>(string name, string description, WithinAttribute rule)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            CustomParser = result => Read<T>(result, name, rule),
        };

    private static T Read<T>(ArgumentResult result, string name, WithinAttribute rule)
        where T : INumber<T>
    {
        var value = NumberText.Read<T>(name, result.Tokens[^1].Value, rule, out var fault);
        if (fault.Length > 0)
        {
            result.AddError(fault);
        }

        return value;
    }
}
