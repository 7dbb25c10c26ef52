using System.CommandLine;
using PhysIntuition.Benchmarks.Reports;

namespace PhysIntuition.Benchmarks;

/// <summary>Turns areas into commands and runs them.</summary>
/// <remarks>Exit codes: 0 measured, 1 failed (or a mark was missed under --check), 2 wrong usage.</remarks>
internal static class Bench
{
    private const int Measured = 0, Failed = 1, WrongUsage = 2;

    /// <summary>The command `AREA --json FILE [--check]` with the area's own options.</summary>
    public static Command CommandOf(IArea area)
    {
        var json = new Option<FileInfo?>("--json") { Description = "Write the figures to this file." };
        var check = new Option<bool>("--check") { Description = "Exit with 1 when a figure misses its mark." };
        var command = new Command(area.Name, area.Summary) { json, check };
        area.Configure(command);
        command.SetAction(async (arguments, cancellation) =>
        {
            var figures = new Figures();
            await area.RunAsync(arguments, figures, cancellation);

            Console.Out.Write(figures.ToTable());
            Console.Out.WriteLine(Machine.Describe());
            if (arguments.GetValue(json) is { } file)
            {
                figures.Save(file.FullName, CommandLine(arguments));
                Console.Out.WriteLine($"Figures written to {file.FullName}.");
            }

            return arguments.GetValue(check) && !figures.AllMarksReached ? Failed : Measured;
        });
        return command;
    }

    /// <summary>Parses and runs; faults become one sentence on standard error.</summary>
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var arguments = root.Parse(args);
        if (arguments.Errors.Count > 0)
        {
            foreach (var error in arguments.Errors)
            {
                Console.Error.WriteLine(error.Message);
            }

            Console.Error.WriteLine("See `bench --help`.");
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

    private static string CommandLine(ParseResult arguments) =>
        "physintuition bench " + string.Join(' ', arguments.Tokens.Select(token => token.Value));
}
