using System.CommandLine;
using PhysIntuition.Environments.Observations;

namespace PhysIntuition.Evaluation.Commands;

/// <summary>--photographs DIR: labelled pictures for RealTowers-v1.</summary>
public static class PhotographsOption
{
    /// <summary>The option.</summary>
    public static Option<string?> Create() => new("--photographs")
    {
        Description = "A folder of labelled pictures (labels.csv: image,falls); adds RealTowers-v1.",
    };

    /// <summary>Makes the folder's pictures known to environments; 0 where none is named.</summary>
    public static int Count(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } folder ? PictureLibrary.Add("towers", folder).Count : 0;
}
