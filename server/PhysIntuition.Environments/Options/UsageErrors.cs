using System.CommandLine;
using System.CommandLine.Parsing;

namespace PhysIntuition.Environments.Options;

/// <summary>What is wrong with a command line, with the name that was probably meant.</summary>
public static class UsageErrors
{
    /// <summary>A sentence for each error, and where the right usage stands; none where the line is right.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="program">What users write in front of the first command.</param>
    public static IReadOnlyList<string> Of(ParseResult parsed, string program = "./physintuition")
    {
        var command = parsed.CommandResult.Command;
        string[] taken = [.. TakenOptions(parsed.CommandResult)];
        if (parsed.Errors.Count == 0 && taken.Length == 0)
        {
            return [];
        }

        var isOption = false;
        string[] tokens = [.. parsed.UnmatchedTokens, .. taken];
        var (unknown, hints) = (tokens.ToHashSet(), new List<string>());
        foreach (var token in tokens)
        {
            // What stands behind an option that nobody knows was meant as its value.
            var isItsValue = isOption && !token.StartsWith('-');
            isOption = token.StartsWith("--", StringComparison.Ordinal);
            if (!isItsValue)
            {
                string[] known = [.. isOption
                    ? command.Options.Select(option => option.Name)
                    : command.Subcommands.Select(verb => verb.Name)];
                hints.Add($"'{token}' is no {(isOption ? "option" : "command or argument")} of "
                    + $"{NameOf(parsed.CommandResult, program)}.{KnownNames.Hint(token, known)}");
            }
        }

        // That a command is missing is no news where one was misspelt.
        var others = parsed.Errors.Select(error => error.Message).Where(message =>
            !unknown.Any(token => message.Contains($"'{token}'", StringComparison.Ordinal)
                || message.Contains($" is {token}; ", StringComparison.Ordinal))
            && !(hints.Count > 0 && command.Subcommands.Count > 0 && command.Action is null));
        return [.. hints, .. others, $"See {NameOf(parsed.CommandResult, program)} --help."];
    }

    // An option that takes several values takes one that is misspelt as one of them.
    private static IEnumerable<string> TakenOptions(CommandResult result) =>
        from option in result.Command.Options
        where option.AllowMultipleArgumentsPerToken
        from token in result.GetResult(option)?.Tokens ?? []
        where token.Value.StartsWith("--", StringComparison.Ordinal)
        select token.Value;

    private static string NameOf(CommandResult result, string program) =>
        result.Parent is CommandResult above ? $"{NameOf(above, program)} {result.Command.Name}" : program;
}
