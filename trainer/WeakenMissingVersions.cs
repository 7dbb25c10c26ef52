#nullable disable
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;

/// <summary>A step of the build: makes a library load on systems whose libstdc++ is older than its maker's.</summary>
/// <remarks>
/// The loader refuses a library that asks libstdc++ for a version which that does not offer, even where no symbol of
/// that version is used. A need marked weak (VER_FLG_WEAK) is not refused. Source: Linux Standard Base, Core, "Symbol
/// Versioning". Built without the project's settings, against netstandard 2.0.
/// </remarks>
public sealed class WeakenMissingVersions : ITask
{
    private const string Standard = "libstdc++.so.6";

    /// <summary>Where the task logs.</summary>
    public IBuildEngine BuildEngine { get; set; }

    /// <summary>Not used.</summary>
    public ITaskHost HostObject { get; set; }

    /// <summary>The library to be loaded, as the package has it; never written.</summary>
    [Required]
    public string Library { get; set; }

    /// <summary>Where a copy goes if one is needed.</summary>
    [Required]
    public string Copy { get; set; }

    /// <summary>The system's libstdc++.so.6; the one that this process has loaded unless given.</summary>
    public string Provider { get; set; }

    /// <summary>What to load: the library itself, or its copy.</summary>
    [Output]
    public string Result { get; set; }

    /// <summary>Compares what is asked with what is offered; writes a copy where something is missing.</summary>
    public bool Execute()
    {
        Result = Library;
        var provider = string.IsNullOrEmpty(Provider) ? Loaded() : Provider;
        if (provider == null)
        {
            return true;
        }

        var file = File.ReadAllBytes(Library);
        var offered = new HashSet<string>(ElfVersions.Offered(File.ReadAllBytes(provider)));
        var missing = ElfVersions.Asked(file, Standard).Where(need => !offered.Contains(need.Name)).ToArray();
        if (missing.Length == 0)
        {
            return true;
        }

        foreach (var need in missing)
        {
            file[need.FlagsAt] |= ElfVersions.Weak;
        }

        Result = Copy;
        if (!File.Exists(Copy) || !File.ReadAllBytes(Copy).SequenceEqual(file))
        {
            Write(file);
            Say(Path.GetFileName(Library) + " asks for " + string.Join(", ", missing.Select(need => need.Name))
                + ", which " + provider + " lacks: loading " + Copy + ", a copy that does not insist on it.");
        }

        return true;
    }

    private static string Loaded() =>
        File.Exists("/proc/self/maps")
            ? File.ReadLines("/proc/self/maps").Select(line => line.Substring(Math.Max(0, line.IndexOf('/'))))
                .FirstOrDefault(path => Path.GetFileName(path).StartsWith("libstdc++.so.6", StringComparison.Ordinal))
            : null;

    // Several projects are built at once: each sees the whole file or none.
    private void Write(byte[] file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Copy));
        var beside = Copy + "." + Guid.NewGuid().ToString("N");
        File.WriteAllBytes(beside, file);
        File.Delete(Copy);
        try
        {
            File.Move(beside, Copy);
        }
        catch (IOException) when (File.Exists(Copy))
        {
            File.Delete(beside);
        }
    }

    private void Say(string line) => BuildEngine.LogMessageEvent(
        new BuildMessageEventArgs(line, "", nameof(WeakenMissingVersions), MessageImportance.High));
}

/// <summary>The version tables of a 64-bit little-endian ELF file.</summary>
public static class ElfVersions
{
    /// <summary>VER_FLG_WEAK.</summary>
    public const byte Weak = 2;

    private const uint Definitions = 0x6ffffffd, Needs = 0x6ffffffe;   // SHT_GNU_verdef, SHT_GNU_verneed

    /// <summary>Versions that a library defines (.gnu.version_d).</summary>
    public static IEnumerable<string> Offered(byte[] file)
    {
        foreach (var (table, names) in Sections(file, Definitions))
        {
            for (var entry = table; ; entry += Int(file, entry + 16))
            {
                yield return Text(file, names + Int(file, entry + Int(file, entry + 12)));
                if (Int(file, entry + 16) == 0)
                {
                    break;
                }
            }
        }
    }

    /// <summary>Versions that a file asks of one library (.gnu.version_r), and where their flags stand.</summary>
    public static IEnumerable<(string Name, int FlagsAt)> Asked(byte[] file, string library)
    {
        foreach (var (table, names) in Sections(file, Needs))
        {
            for (var entry = table; ; entry += Int(file, entry + 12))
            {
                var version = entry + Int(file, entry + 8);
                var count = BitConverter.ToUInt16(file, entry + 2);
                for (var i = 0; i < count && Text(file, names + Int(file, entry + 4)) == library; i++)
                {
                    yield return (Text(file, names + Int(file, version + 8)), version + 4);
                    version += Int(file, version + 12);
                }

                if (Int(file, entry + 12) == 0)
                {
                    break;
                }
            }
        }
    }

    // Tables of a kind, and the strings that go with each.
    private static IEnumerable<(int Table, int Names)> Sections(byte[] file, uint kind)
    {
        var count = BitConverter.ToUInt16(file, 0x3C);
        for (var i = 0; i < count; i++)
        {
            var section = Header(file, i);
            if (BitConverter.ToUInt32(file, section + 4) == kind)
            {
                yield return (Offset(file, section), Offset(file, Header(file, Int(file, section + 0x28))));
            }
        }
    }

    private static int Header(byte[] file, int section) =>
        checked((int)BitConverter.ToInt64(file, 0x28)) + (section * BitConverter.ToUInt16(file, 0x3A));

    private static int Offset(byte[] file, int section) => checked((int)BitConverter.ToInt64(file, section + 0x18));

    private static int Int(byte[] file, int at) => BitConverter.ToInt32(file, at);

    private static string Text(byte[] file, int at) =>
        Encoding.ASCII.GetString(file, at, Array.IndexOf(file, (byte)0, at) - at);
}
