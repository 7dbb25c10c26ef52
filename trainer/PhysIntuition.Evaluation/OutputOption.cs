using System.CommandLine;
using PhysIntuition.Environments.Observations;

namespace PhysIntuition.Evaluation;

/// <summary>A file to be written: its folder must be there, so that hours of work do not end in an error.</summary>
public static class OutputOption
{
    /// <summary>The option.</summary>
    public static Option<string?> Of(string name, string description)
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
}

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
