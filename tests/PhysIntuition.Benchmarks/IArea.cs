using System.CommandLine;
using PhysIntuition.Benchmarks.Reports;

namespace PhysIntuition.Benchmarks;

/// <summary>One subject that is measured: a folder of its own and one line in Program.cs.</summary>
internal interface IArea
{
    /// <summary>The word on the command line, lower case.</summary>
    string Name { get; }

    /// <summary>One sentence for the help text.</summary>
    string Summary { get; }

    /// <summary>Adds the area's own options and verbs; every area already has --json and --check.</summary>
    void Configure(Command command)
    {
    }

    /// <summary>The option by which it measures another checkout; null: that checkout's own bench does.</summary>
    string? CheckoutOption => null;

    /// <summary>Measures and reports; throws <see cref="SkippedException"/> where a rival is not installed.</summary>
    /// <param name="arguments">The parsed command line, for the area's own options.</param>
    /// <param name="figures">Where the results go.</param>
    /// <param name="cancellation">Fires on Ctrl-C.</param>
    Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation);
}

/// <summary>The whole area cannot run on this machine; the message says what is missing.</summary>
internal sealed class SkippedException(string message) : Exception(message);
