using System.Diagnostics;
using System.Globalization;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Benchmarks.Rendering;

/// <summary>Renderers in C++ that draw the same scenes: compiled and run here where their libraries are
/// installed.</summary>
internal sealed class Rivals(Scene[] scenes, string sources) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("physintuition-rivals");

    /// <summary>CPU seconds per frame of 224 x 224, or null with a printed reason.</summary>
    /// <param name="name">Of the source file.</param>
    /// <param name="libraries">Linker arguments.</param>
    /// <param name="packages">What to install when it does not build.</param>
    /// <param name="arguments">Of the program, after the scenes' file; it prints seconds per frame.</param>
    public double? CpuSecondsPerFrame(string name, string libraries, string packages, string arguments)
    {
        var scenesFile = Path.Combine(_folder.FullName, "scenes.txt");
        File.WriteAllText(scenesFile, RenderingScenes.ToText(scenes));
        var program = Path.Combine(_folder.FullName, name);
        var source = Path.Combine(sources, $"{name}.cpp");
        if (!File.Exists(program) && Run("g++", $"-O3 -march=native {source} -o {program} {libraries}") is null)
        {
            Console.WriteLine($"Skipped {name}: it does not build here. Install {packages}.");
            return null;
        }

        var output = Run(program, $"{scenesFile} {arguments}");
        if (output is null || !double.TryParse(output, CultureInfo.InvariantCulture, out var seconds))
        {
            Console.WriteLine($"Skipped {name} {arguments}: it did not run here.");
            return null;
        }

        return seconds;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    private static string? Run(string program, string arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 && errors.Wait(TimeSpan.FromSeconds(10)) ? output.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
