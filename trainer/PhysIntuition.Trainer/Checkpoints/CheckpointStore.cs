using System.Globalization;
using PhysIntuition.Vlm.Safetensors;

namespace PhysIntuition.Trainer.Checkpoints;

/// <summary>Checkpoints of a run: one folder per step that appears whole or not at all.</summary>
/// <remarks>
/// A checkpoint is written beside its place, flushed to the disk, and renamed; whatever a crash leaves half done has
/// another name and is removed by the next start.
/// </remarks>
/// <param name="folder">The run's folder.</param>
/// <param name="kept">How many of the latest stay.</param>
public sealed class CheckpointStore(string folder, int kept = 2)
{
    private const string Prefix = "step-";
    private const string Unfinished = ".unfinished";

    private readonly string _root = Path.Combine(folder, "checkpoints");

    /// <summary>The step of the latest whole checkpoint; null if there is none.</summary>
    public long? Latest => Steps() is [.., var last] ? last : null;

    /// <summary>The folder of a step's checkpoint.</summary>
    public string FolderOf(long step) =>
        Path.Combine(_root, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D8}"));

    /// <summary>Writes a checkpoint.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="write">Writes every file into the folder it is given.</param>
    public void Save(long step, Action<string> write)
    {
        Directory.CreateDirectory(_root);
        Clean();
        WriteWhole(FolderOf(step), write);
        foreach (var old in Steps().SkipLast(kept))
        {
            Directory.Delete(FolderOf(old), recursive: true);
        }
    }

    /// <summary>Writes a folder that appears whole or not at all; one that is there stays as it is.</summary>
    /// <param name="target">Its path; the folder around it exists.</param>
    /// <param name="write">Writes every file into the folder it is given.</param>
    public static void WriteWhole(string target, Action<string> write)
    {
        if (Directory.Exists(target))
        {
            return;   // the same step of the same run has the same content
        }

        var temporary = target + Unfinished;
        if (Directory.Exists(temporary))
        {
            Directory.Delete(temporary, recursive: true);
        }

        Directory.CreateDirectory(temporary);
        write(temporary);
        Flush(temporary);
        Directory.Move(temporary, target);
        AtomicFile.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(target))!);
    }

    private long[] Steps() => !Directory.Exists(_root)
        ? []
        : [.. Directory.GetDirectories(_root, Prefix + "*")
            .Select(path => Path.GetFileName(path)[Prefix.Length..])
            .Where(name => name.All(char.IsAsciiDigit))
            .Select(name => long.Parse(name, CultureInfo.InvariantCulture))
            .Order()];

    private void Clean()
    {
        foreach (var rest in Directory.GetDirectories(_root, "*" + Unfinished))
        {
            Directory.Delete(rest, recursive: true);
        }
    }

    private static void Flush(string folder)
    {
        foreach (var path in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
            file.Flush(flushToDisk: true);
        }

        foreach (var inner in Directory.GetDirectories(folder, "*", SearchOption.AllDirectories))
        {
            AtomicFile.FlushFolder(inner);
        }

        AtomicFile.FlushFolder(folder);
    }
}
