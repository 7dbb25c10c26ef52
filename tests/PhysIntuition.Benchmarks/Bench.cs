using System.CommandLine;
using System.CommandLine.Parsing;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Environments.Options;

namespace PhysIntuition.Benchmarks;

/// <summary>Turns areas into commands and runs them.</summary>
/// <remarks>Exit codes: 0 measured, 1 failed (or a mark was missed under --check), 2 wrong usage.</remarks>
internal static class Bench
{
    private const int Measured = 0, Failed = 1, WrongUsage = 2;

    private const int UsualTurns = 3;

    /// <summary>The command `AREA --json FILE [--check | --baseline FOLDER]` with the area's own options.</summary>
    public static Command CommandOf(IArea area)
    {
        var json = new Option<FileInfo?>("--json") { Description = "Write the figures to this file." };
        var check = new Option<bool>("--check") { Description = "Exit with 1 when a figure misses its mark." };
        var baseline = new Option<DirectoryInfo?>("--baseline")
        {
            Description = "Measure this build and that of another checkout in turn; show medians and ratios.",
        };
        var turns = new Option<int>("--turns")
        {
            Description = "With --baseline: how often each is measured.", DefaultValueFactory = _ => UsualTurns,
        };
        turns.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 1000)
            {
                result.AddError("--turns must be in [1, 1000].");
            }
        });
        var command = new Command(area.Name, area.Summary) { json, check, baseline, turns };
        command.Validators.Add(result =>
        {
            if (result.GetValue(check) && result.GetValue(baseline) is not null)
            {
                result.AddError("--check looks at marks, which ratios have none of; leave it or --baseline out.");
            }
        });
        area.Configure(command);
        command.SetAction(async (arguments, cancellation) =>
        {
            if (arguments.GetValue(baseline) is { } folder)
            {
                var run = BaselineRun.Of(area, OwnOptions(arguments, json, baseline, turns), folder);
                var comparison = await run.RunAsync(arguments.GetValue(turns), cancellation);
                Report(comparison.ToFigures(), comparison.ToTable(), arguments, arguments.GetValue(json));
                return Measured;
            }

            var figures = new Figures();
            await area.RunAsync(arguments, figures, cancellation);
            Report(figures, figures.ToTable(), arguments, arguments.GetValue(json));
            return arguments.GetValue(check) && !figures.AllMarksReached ? Failed : Measured;
        });
        return command;
    }

    /// <summary>The words of a command line without its area, and without options that are not handed on.</summary>
    internal static IReadOnlyList<string> OwnOptions(ParseResult arguments, params Option[] dropped)
    {
        var words = arguments.CommandResult.Tokens.Select(token => token.Value).ToList();
        foreach (var option in arguments.CommandResult.Children.OfType<OptionResult>())
        {
            if (!option.Implicit && !dropped.Contains(option.Option))
            {
                words.AddRange(option.Tokens.Select(token => token.Value).Prepend(option.Option.Name));
            }
        }

        return words;
    }

    /// <summary>Parses and runs; faults become one sentence on standard error.</summary>
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var arguments = root.Parse(args);
        if (UsageErrors.Of(arguments, "./physintuition bench") is { Count: > 0 } errors)
        {
            Console.Error.WriteLine(string.Join(Environment.NewLine, errors));
            return WrongUsage;
        }

        try
        {
            return await arguments.InvokeAsync(new() { EnableDefaultExceptionHandler = false });
        }
        catch (SkippedException skipped)
        {
            Console.Error.WriteLine($"Skipped: {skipped.Message}");
            return Failed;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            Console.Error.WriteLine(fault);
            return Failed;
        }
    }

    private static void Report(Figures figures, string table, ParseResult arguments, FileInfo? json)
    {
        Console.Out.Write(table);
        Console.Out.WriteLine(Machine.Describe());
        if (json is not null)
        {
            figures.Save(json.FullName, CommandLine(arguments));
            Console.Out.WriteLine($"Figures written to {json.FullName}.");
        }
    }

    private static string CommandLine(ParseResult arguments) =>
        "physintuition bench " + string.Join(' ', arguments.Tokens.Select(token => token.Value));
}
