using System.Diagnostics;
using System.Globalization;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Benchmarks;

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
    /// <param name="picture">PNG file for the second scene as it is drawn there, or null.</param>
    public double? CpuSecondsPerFrame(
        string name, string libraries, string packages, string arguments, string? picture = null)
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

        var pixmap = Path.Combine(_folder.FullName, "picture.ppm");
        var output = Run(program, $"{scenesFile} {arguments}{(picture is null ? "" : " " + pixmap)}");
        if (output is null || !double.TryParse(output, CultureInfo.InvariantCulture, out var seconds))
        {
            Console.WriteLine($"Skipped {name} {arguments}: it did not run here.");
            return null;
        }

        if (picture is not null)
        {
            File.WriteAllBytes(picture, ToPng(File.ReadAllBytes(pixmap)));
        }

        return seconds;
    }

    // P6, a line break, width height, a line break, 255, a line break, pixels.
    private static byte[] ToPng(byte[] pixmap)
    {
        var lines = System.Text.Encoding.ASCII.GetString(pixmap, 0, 20).Split('\n');
        var sides = lines[1].Split(' ').Select(side => int.Parse(side, CultureInfo.InvariantCulture)).ToArray();
        return PngEncoder.Encode(pixmap.AsSpan(pixmap.Length - (sides[0] * sides[1] * 3)), sides[0], sides[1]);
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
