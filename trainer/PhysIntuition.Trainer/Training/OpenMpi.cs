using System.Runtime.InteropServices;

namespace PhysIntuition.Trainer.Training;

/// <summary>Open MPI 4.1's C interface, as much of it as a group of processes needs.</summary>
/// <remarks>
/// Source: mpi.h of Open MPI 4.1. There a handle is the address of an exported object, MPI_COMM_WORLD that of
/// ompi_mpi_comm_world and MPI_BYTE that of ompi_mpi_byte; other MPIs have numbers, and do not work here.
/// </remarks>
internal static partial class OpenMpi
{
    private const string Library = "libmpi.so.40";
    private const int Serialised = 2;   // MPI_THREAD_SERIALIZED: any thread calls, one at a time

    private static nint s_world, s_byte;

    /// <summary>How many processes mpirun says that it started; 1 without it, 0 where another launcher knows.</summary>
    public static int Announced =>
        int.TryParse(Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_SIZE"), out var size) ? size
        : Environment.GetEnvironmentVariable("PMIX_RANK") is null ? 1 : 0;

    /// <summary>This process's number among those on its machine, from 0 on.</summary>
    public static int LocalRank =>
        int.TryParse(Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_LOCAL_RANK"), out var rank) ? rank : 0;

    /// <summary>Meets the other processes, once in a process's life.</summary>
    /// <exception cref="DllNotFoundException">There is no Open MPI.</exception>
    /// <exception cref="IOException">The launcher cannot be reached.</exception>
    public static (int Rank, int Size) Begin()
    {
        if (!NativeLibrary.TryLoad(Library, out var library))
        {
            throw new DllNotFoundException($"mpirun started this process, but there is no {Library}: run "
                + "'./physintuition setup mpi' on every machine, or install Open MPI 4.1 (Debian: openmpi-bin).");
        }

        if (!NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out s_world)
            || !NativeLibrary.TryGetExport(library, "ompi_mpi_byte", out s_byte)
            || !NativeLibrary.TryGetExport(library, "ompi_mpi_errors_return", out var returnsErrors))
        {
            throw new DllNotFoundException($"The {Library} here is not Open MPI's; install openmpi-bin.");
        }

        Check(MPI_Init_thread(0, 0, Serialised, out _));
        Check(MPI_Comm_set_errhandler(s_world, returnsErrors));
        Check(MPI_Comm_rank(s_world, out var rank));
        Check(MPI_Comm_size(s_world, out var size));
        return (rank, size);
    }

    /// <summary>Waits until every process is here; nothing can be sent afterwards.</summary>
    public static void End() => Check(MPI_Finalize());

    /// <summary>Sends part i of what is here to process i, and receives one from each.</summary>
    /// <param name="parts">Parts of equal length, one for each process.</param>
    /// <param name="received">As long; what process i sent is at i.</param>
    /// <param name="size">How many processes.</param>
    public static unsafe void AllToAll(ReadOnlySpan<byte> parts, Span<byte> received, int size)
    {
        fixed (byte* from = parts, to = received)
        {
            var length = parts.Length / size;
            Check(MPI_Alltoall(from, length, s_byte, to, length, s_byte, s_world));
        }
    }

    /// <summary>Sends the same to all.</summary>
    /// <param name="own">As long in every process.</param>
    /// <param name="all">What process i sent is at i.</param>
    public static unsafe void AllGather(ReadOnlySpan<byte> own, Span<byte> all)
    {
        fixed (byte* from = own, to = all)
        {
            Check(MPI_Allgather(from, own.Length, s_byte, to, own.Length, s_byte, s_world));
        }
    }

    private static unsafe void Check(int code)
    {
        if (code != 0)
        {
            var text = stackalloc byte[256];   // MPI_MAX_ERROR_STRING
            _ = MPI_Error_string(code, text, out var length);
            throw new IOException($"Open MPI: {Marshal.PtrToStringUTF8((nint)text, length)}. Another process of this "
                + "job may be lost; start it again to go on from the last checkpoint.");
        }
    }

    [LibraryImport(Library)]
    private static partial int MPI_Init_thread(nint argc, nint argv, int required, out int provided);

    [LibraryImport(Library)]
    private static partial int MPI_Finalize();

    [LibraryImport(Library)]
    private static partial int MPI_Comm_set_errhandler(nint communicator, nint handler);

    [LibraryImport(Library)]
    private static partial int MPI_Comm_rank(nint communicator, out int rank);

    [LibraryImport(Library)]
    private static partial int MPI_Comm_size(nint communicator, out int size);

    [LibraryImport(Library)]
    private static unsafe partial int MPI_Alltoall(
        byte* send, int sent, nint sentType, byte* receive, int received, nint receivedType, nint communicator);

    [LibraryImport(Library)]
    private static unsafe partial int MPI_Allgather(
        byte* send, int sent, nint sentType, byte* receive, int received, nint receivedType, nint communicator);

    [LibraryImport(Library)]
    private static unsafe partial int MPI_Error_string(int code, byte* text, out int length);
}
