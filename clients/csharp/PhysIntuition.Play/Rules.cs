using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using PhysIntuition.Client;

namespace PhysIntuition.Play;

/// <summary>What options must be; a broken rule is wrong usage.</summary>
internal static class Rules
{
    /// <summary>An option that takes whole numbers in a range.</summary>
    /// <param name="option">Gets the rule, and its range as the end of its description.</param>
    /// <param name="least">Smallest legal value.</param>
    /// <param name="most">Largest legal value.</param>
    public static Option<int> Within(this Option<int> option, int least, int most)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"{least} to {most:N0}");
        option.Description += $" {range}.";
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, CultureInfo.InvariantCulture, out var value)
                && (value < least || value > most))
            {
                result.AddError($"'{option.Name}' is {value}; it must be {range}. Choose one in this range.");
            }
        });
        return option;
    }

    /// <summary>Reads a server's address.</summary>
    public static Uri? ReadAddress(ArgumentResult argument)
    {
        try
        {
            return ServerAddress.Parse(argument.Tokens[0].Value);
        }
        catch (FormatException failure)
        {
            argument.AddError(failure.Message.Replace("'address'", "'--server'"));
            return null;
        }
    }
}
