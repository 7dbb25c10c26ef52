using System.Globalization;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Pictures;

/// <summary>One folder of pictures, in the order of their names, with labels where there are any.</summary>
public sealed class PictureFolder
{
    private readonly string[] _files;
    private readonly bool[]? _labels;
    private readonly Picture?[] _pictures;

    private PictureFolder(string name, string[] files, bool[]? labels)
    {
        (Name, _files, _labels) = (name, files, labels);
        _pictures = new Picture?[files.Length];
    }

    /// <summary>What options call it.</summary>
    public string Name { get; }

    /// <summary>Number of pictures.</summary>
    public int Count => _files.Length;

    /// <summary>Whether there is a label for each picture.</summary>
    public bool HasLabels => _labels is not null;

    /// <summary>A picture; read once, then kept.</summary>
    public Picture this[int index] => _pictures[index] ??= PngReader.Read(_files[index]);

    /// <summary>File name of a picture.</summary>
    public string FileName(int index) => Path.GetFileName(_files[index]);

    /// <summary>Whether the tower in a picture fell.</summary>
    public bool Falls(int index) => _labels![index];

    internal static PictureFolder Open(string name, string path)
    {
        if (!Directory.Exists(path))
        {
            throw Unreadable(name, "there is no such folder");
        }

        var files = Directory.GetFiles(path, "*.png");
        Array.Sort(files, StringComparer.Ordinal);
        var labels = Path.Combine(path, "labels.csv");
        if (files.Length == 0)
        {
            throw Unreadable(name, "it has no PNG files");
        }

        return new(name, files, File.Exists(labels) ? ReadLabels(name, labels, files) : null);
    }

    private static bool[] ReadLabels(string name, string path, string[] files)
    {
        var lines = File.ReadAllLines(path);
        var columns = lines.Length > 0 ? lines[0].Split(',') : [];
        var (image, falls) = (Array.IndexOf(columns, "image"), Array.IndexOf(columns, "falls"));
        if (image < 0 || falls < 0)
        {
            throw Unreadable(name, "labels.csv lacks the columns image and falls");
        }

        var labels = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var line in lines.Skip(1).Where(line => line.Length > 0))
        {
            var cells = line.Split(',');
            if (cells.Length <= Math.Max(image, falls) || cells[falls] is not ("0" or "1"))
            {
                throw Unreadable(name, string.Create(CultureInfo.InvariantCulture,
                    $"labels.csv has the line '{line}'"));
            }

            labels[cells[image]] = cells[falls] == "1";
        }

        return [.. files.Select(file => labels.TryGetValue(Path.GetFileName(file), out var label)
            ? label
            : throw Unreadable(name, $"labels.csv lacks {Path.GetFileName(file)}"))];
    }

    private static PhysIntuitionException Unreadable(string name, string reason) => new(
        Fault.InvalidArgument, "pictures",
        $"The picture folder '{name}' cannot be opened: {reason}. It must hold PNG files, and for labels a labels.csv "
        + "with the columns image and falls (0 or 1).");
}
