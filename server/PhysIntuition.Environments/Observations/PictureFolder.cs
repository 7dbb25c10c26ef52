using System.Collections.Concurrent;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Environments.Observations;

/// <summary>One folder of pictures, in the order of their names, with labels where there are any.</summary>
public sealed class PictureFolder
{
    private const long MostKept = 1L << 30;   // bytes of decoded pictures that stay in memory

    private static readonly string[] s_endings = [".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"];

    private readonly string[] _files;
    private readonly bool[]? _labels;
    private readonly Picture?[] _pictures;
    private long _kept;

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

    /// <summary>A picture; kept once it is read, as long as all kept ones fit into 1 GiB.</summary>
    /// <exception cref="PhysIntuitionException">The file cannot be read.</exception>
    public Picture this[int index]
    {
        get
        {
            if (_pictures[index] is { } kept)
            {
                return kept;
            }

            var picture = Read(_files[index]);
            if (Interlocked.Add(ref _kept, picture.Rgb.Length) <= MostKept)
            {
                _pictures[index] = picture;
            }

            return picture;
        }
    }

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

        string[] files = [.. Directory.GetFiles(path)
            .Where(file => s_endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)];
        var labels = Path.Combine(path, "labels.csv");
        try
        {
            return files.Length > 0
                ? new(name, files, File.Exists(labels) ? LabelFile.Read(labels, files) : null)
                : throw new InvalidDataException("it has no pictures");
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw Unreadable(name, fault.Message);
        }
    }

    private static Picture Read(string path)
    {
        try
        {
            return PictureDecoder.Decode(File.ReadAllBytes(path), Path.GetFileName(path));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "pictures",
                $"'{Path.GetFileName(path)}' cannot be read: {fault.Message} Make the file readable again.");
        }
    }

    private static PhysIntuitionException Unreadable(string name, string reason) => new(
        Fault.InvalidArgument, "pictures",
        $"The picture folder '{name}' cannot be opened: {reason}. It must hold PNG, JPEG, WebP, GIF or BMP files, and "
        + "for labels a labels.csv with the columns image and falls (0 or 1).");
}

/// <summary>
/// Folders of pictures that tasks may show, by name. Whoever runs the process names them; a client can only choose
/// among the names, never a path.
/// </summary>
public static class PictureLibrary
{
    private static readonly ConcurrentDictionary<string, PictureFolder> s_folders =
        new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names of all folders, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names => [.. s_folders.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Opens a folder under a name; replaces an earlier one of that name.</summary>
    /// <param name="name">What the option <c>pictures</c> calls it.</param>
    /// <param name="path">A folder with PNG files, and perhaps labels.csv: image,falls with falls 0 or 1.</param>
    /// <exception cref="PhysIntuitionException">The folder is missing, empty, or its labels cannot be read.</exception>
    public static PictureFolder Add(string name, string path) => s_folders[name] = PictureFolder.Open(name, path);

    /// <summary>The folder of a name.</summary>
    /// <exception cref="PhysIntuitionException">There is none of that name.</exception>
    public static PictureFolder Find(string name) => s_folders.TryGetValue(name, out var folder)
        ? folder
        : throw new PhysIntuitionException(Fault.NotFound, "options.pictures",
            $"'pictures' is '{name}'; the folders known here are: {string.Join(", ", Names)}. Choose one of these, or "
            + "have the server's owner add the folder.");
}
