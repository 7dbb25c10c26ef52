using System.CommandLine;

namespace PhysIntuition.Evaluation.Commands;

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
