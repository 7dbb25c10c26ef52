using System.Security.Cryptography;

namespace PhysIntuition.Trainer.Training;

/// <summary>Checkpoints of a run: one folder per step that appears whole or not at all.</summary>
/// <remarks>
/// A checkpoint is written beside its place, flushed to the disk, and renamed; whatever a crash leaves half done has
/// another name and is removed by the next start. A list of SHA-256 hashes is its last file, so that a checkpoint that
/// was damaged later is found out, set aside, and the one before it taken.
/// </remarks>
/// <param name="folder">The run's folder.</param>
/// <param name="kept">How many of the latest stay.</param>
public sealed class CheckpointStore(string folder, int kept = 2)
{
    private const string Prefix = "step-";
    private const string Unfinished = ".unfinished";
    private const string Damaged = ".damaged";
    private const string Hashes = "sha256.json";

    private readonly string _root = Path.Combine(folder, "checkpoints");

    /// <summary>The step of the newest checkpoint whose files are as they were written; null for a new run.</summary>
    /// <param name="say">Told of each damaged one, which is renamed so that its step can be saved again.</param>
    /// <exception cref="InvalidDataException">There are checkpoints, and all are damaged.</exception>
    public long? FindWhole(Action<string> say)
    {
        var steps = Steps();
        foreach (var step in steps.Reverse())
        {
            if (FaultOf(FolderOf(step)) is not { } fault)
            {
                return step;
            }

            var aside = FolderOf(step) + Damaged;
            if (Directory.Exists(aside))
            {
                Directory.Delete(aside, recursive: true);
            }

            Directory.Move(FolderOf(step), aside);
            say($"The checkpoint of step {step} is damaged ({fault}); it is kept as {aside}.");
        }

        return steps.Length == 0 ? null : throw new InvalidDataException(
            $"Every checkpoint in {_root} is damaged. Give another --out to begin again.");
    }

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
        WriteHashes(temporary);
        Flush(temporary);
        Directory.Move(temporary, target);
        AtomicFile.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(target))!);
    }

    private static void WriteHashes(string folder)
    {
        var hashes = Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetRelativePath(folder, path), HashOf);
        File.WriteAllText(Path.Combine(folder, Hashes), JsonSerializer.Serialize(hashes));
    }

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>What is wrong with a checkpoint's files; null where nothing is, or where none were hashed.</summary>
    private static string? FaultOf(string folder)
    {
        var list = Path.Combine(folder, Hashes);
        try
        {
            var hashes = File.Exists(list)
                ? JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(list))!
                : [];   // written before hashes were kept
            var wrong = hashes.Where(file => HashOf(Path.Combine(folder, file.Key)) != file.Value);
            return wrong.Select(file => $"{file.Key} is not as it was written").FirstOrDefault();
        }
        catch (Exception unreadable) when (unreadable is IOException or JsonException)
        {
            return unreadable.Message;
        }
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
