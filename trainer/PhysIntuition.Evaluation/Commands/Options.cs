using System.CommandLine;
using System.CommandLine.Parsing;
using System.Numerics;
using PhysIntuition.Environments.Options;

namespace PhysIntuition.Evaluation.Commands;

/// <summary>Options of commands that check what they are given before any work is done.</summary>
public static class Options
{
    /// <summary>A number with a decimal point, within a rule; "0,7" is no number.</summary>
    public static Option<T> Number<T>(string name, string description, T value, WithinAttribute rule)
        where T : INumber<T> => new(name)
        {
            Description = description,
            DefaultValueFactory = _ => value,
            CustomParser = result => Read<T>(result, name, result.Tokens[^1].Value, rule),
        };

    /// <summary>Numbers, each within a rule.</summary>
    public static Option<T[]> Numbers<T>(string name, string description, WithinAttribute rule)
        where T : INumber<T> => new(name)
        {
            Description = description,
            AllowMultipleArgumentsPerToken = true,
            CustomParser = result => [.. result.Tokens.Select(token => Read<T>(result, name, token.Value, rule))],
        };

    /// <summary>A file to be written: its folder must be there, so that hours of work do not end in an error.</summary>
    public static Option<string?> Output(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } path && FaultOf(path) is { } fault)
            {
                result.AddError($"'{name}' is {path}; {fault}");
            }
        });
        return option;
    }

    private static string? FaultOf(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        return Directory.Exists(path) ? "that is a folder. Name a file."
            : !Directory.Exists(folder) ? $"there is no folder {folder}. Make it first."
            : null;
    }

    private static T Read<T>(ArgumentResult result, string name, string text, WithinAttribute rule)
        where T : INumber<T>
    {
        var value = NumberText.Read<T>(name, text, rule, out var fault);
        if (fault.Length > 0)
        {
            result.AddError(fault);
        }

        return value;
    }
}
