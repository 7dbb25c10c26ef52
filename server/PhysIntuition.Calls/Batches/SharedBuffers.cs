using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace PhysIntuition.Server.Batches;

/// <summary>A file that server and client both map; see docs/protocol.md for its layout.</summary>
internal sealed unsafe partial class SharedBuffers : IDisposable
{
    private const int HeaderBytes = 4096;   // the nonce, alone on its page
    private const int Alignment = 4096;     // buffers begin on pages

    private const uint CloseOnExec = 1;   // MFD_CLOEXEC

    private const string Folder = "/dev/shm";
    private const string Prefix = "physintuition-";
    private const string Unborn = ".";   // before the name of a file that is not locked yet: RemoveOrphans passes it by

    private static int s_open;

    private readonly FileStream _stream;   // open and locked as long as the server lives; see RemoveOrphans
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly string _path;
    private byte* _start;

    private SharedBuffers(string path, FileStream stream, int buffers, long bufferBytes)
    {
        (_path, _stream, BufferBytes) = (path, stream, RoundUp(bufferBytes));
        Bytes = HeaderBytes + (buffers * BufferBytes);
        _stream.SetLength(Bytes);
        _file = MemoryMappedFile.CreateFromFile(
            _stream, mapName: null, Bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None,
            leaveOpen: true);
        _view = _file.CreateViewAccessor(0, Bytes);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        Nonce = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        *(ulong*)_start = Nonce;
        Regions = [.. Enumerable.Range(0, buffers).Select(i => new SharedRegion(
            _start, (ulong)(HeaderBytes + (i * BufferBytes)), BufferBytes))];
    }

    /// <summary>One for each buffer.</summary>
    public IReadOnlyList<SharedRegion> Regions { get; }

    /// <summary>Length of the file.</summary>
    public long Bytes { get; }

    /// <summary>Length of one buffer.</summary>
    public long BufferBytes { get; }

    private ulong Nonce { get; }

    private bool IsNamed { get; init; } = true;

    /// <summary>Makes the file, or says why it cannot be.</summary>
    public static SharedBuffers? TryCreate(int buffers, long bufferBytes, out string refusal)
    {
        refusal = "";
        if (!Directory.Exists(Folder))
        {
            refusal = $"The server's machine has no {Folder}.";
            return null;
        }

        var needed = buffers * RoundUp(bufferBytes);
        var free = new DriveInfo(Folder).AvailableFreeSpace;
        if (needed > free / 2)
        {
            refusal = $"{needed} bytes are needed; {Folder} has {free} free, of which one environment may take half.";
            return null;
        }

        var path = $"{Folder}/{Prefix}{Convert.ToHexString(RandomNumberGenerator.GetBytes(12))}";
        return TryOpen(() => new SharedBuffers(path, CreateFile(path), buffers, bufferBytes), out refusal);
    }

    /// <summary>The same for a client in this process: memory without a name, which ends with its last user.</summary>
    public static SharedBuffers? TryCreateAnonymous(int buffers, long bufferBytes, out string refusal) =>
        TryOpen(() =>
        {
            var handle = new SafeFileHandle(memfd_create("physintuition", CloseOnExec), ownsHandle: true);
            if (handle.IsInvalid)
            {
                throw new IOException("The system gives no memory file (memfd_create).");
            }

            var path = $"/proc/self/fd/{handle.DangerousGetHandle()}";
            return new SharedBuffers(path, new FileStream(handle, FileAccess.ReadWrite), buffers, bufferBytes)
            {
                IsNamed = false,
            };
        }, out refusal);

    private static SharedBuffers? TryOpen(Func<SharedBuffers> open, out string refusal)
    {
        refusal = "";
        if (Interlocked.Increment(ref s_open) > Descriptors.ForSharedMemory)
        {
            Interlocked.Decrement(ref s_open);
            refusal = $"The server has {Descriptors.ForSharedMemory} files of shared memory open, as many as its " +
                $"{Descriptors.Limit} descriptors (ulimit -n) allow.";
            return null;
        }

        try
        {
            return open();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Interlocked.Decrement(ref s_open);
            refusal = failure.Message;
            return null;
        }
    }

    private static FileStream CreateFile(string path)
    {
        var unborn = Path.Combine(Folder, Unborn + Path.GetFileName(path));
        var stream = new FileStream(unborn, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite,   // a shared lock: .NET clients take one, too; RemoveOrphans wants it whole
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        File.Move(unborn, path);
        return stream;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint memfd_create(string name, uint flags);

    /// <summary>Removes the files of servers that were killed: a live server holds a lock on each of its own.</summary>
    /// <returns>How many.</returns>
    public static int RemoveOrphans()
    {
        var removed = 0;
        foreach (var path in Directory.Exists(Folder) ? Directory.EnumerateFiles(Folder, Prefix + "*") : [])
        {
            try
            {
                using var unlocked = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                File.Delete(path);
                removed++;
            }
            catch (Exception taken) when (taken is IOException or UnauthorizedAccessException)
            {
                // A live server's, another user's, or gone meanwhile.
            }
        }

        return removed;
    }

    /// <summary>What the client must know.</summary>
    public SharedMemory Describe() => new()
    {
        Path = _path,
        Bytes = (ulong)Bytes,
        Buffers = (uint)Regions.Count,
        BufferBytes = (ulong)BufferBytes,
        Nonce = Nonce,
    };

    /// <summary>Removes the name; whoever has mapped the file keeps it.</summary>
    public void Unlink()
    {
        if (IsNamed)
        {
            File.Delete(_path);
        }
    }

    public void Dispose()
    {
        Unlink();
        if (_start is not null)
        {
            _start = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
            _stream.Dispose();
            Interlocked.Decrement(ref s_open);
        }
    }

    private static long RoundUp(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;
}

/// <summary>One buffer of shared memory.</summary>
internal sealed unsafe class SharedRegion(byte* file, ulong offset, long bytes)
{
    private const int Alignment = 64;   // one cache line, and what the protocol promises

    /// <summary>Takes the next bytes of the region if they fit.</summary>
    public bool TryReserve(ref int used, int length, out Span<byte> span, out ulong at)
    {
        span = default;
        at = 0;
        if (length == 0 || used + (long)length > bytes)
        {
            return false;
        }

        at = offset + (ulong)used;
        span = new Span<byte>(file + at, length);
        used = (int)Math.Min(int.MaxValue, (used + (long)length + Alignment - 1) / Alignment * Alignment);
        return true;
    }
}

/// <summary>How many files and connections may be open at once: where no descriptor is left, the runtime ends the
/// process.</summary>
internal static class Descriptors
{
    private const int Spare = 64;   // for assemblies, databases and pipes that are opened later
    private const string Folder = "/proc/self/fd";

    /// <summary>What <c>ulimit -n</c> says; as many as there are numbers where the system does not tell.</summary>
    public static int Limit { get; } = ReadLimit();

    /// <summary>Connections that leave room for everything else.</summary>
    public static int ForConnections { get; } = Left() / 4 * 3;

    /// <summary>Files of shared memory that leave room for everything else.</summary>
    public static int ForSharedMemory { get; } = Left() / 4;

    private static int Left() =>
        Math.Max(4, Limit - Spare - (Directory.Exists(Folder) ? Directory.GetFileSystemEntries(Folder).Length : 0));

    private static int ReadLimit()
    {
        const string file = "/proc/self/limits", name = "Max open files";
        var line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            : null;
        var soft = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : int.MaxValue;
    }
}
