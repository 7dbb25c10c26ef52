using System.Runtime.InteropServices;

namespace PhysIntuition.Trainer.Training;

/// <summary>Processes that learn one model together; mpirun starts them.</summary>
/// <remarks>
/// Of a list of pieces, as a step's micro batches, process r takes every Size-th from r on. What the pieces give is
/// added in their order, so that any number of processes has the bits of one.
/// </remarks>
internal sealed class ProcessGroup
{
    private ProcessGroup(int rank, int size)
    {
        (Rank, Size) = (rank, size);
    }

    /// <summary>This process's number, from 0 on; process 0 writes logs and checkpoints.</summary>
    public int Rank { get; }

    /// <summary>How many processes.</summary>
    public int Size { get; }

    /// <summary>Whether this process writes what the group leaves behind.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Whether all stopped after the same step because one was told to.</summary>
    public bool HasStopped { get; private set; }

    /// <summary>One process alone.</summary>
    public static ProcessGroup Alone { get; } = new(0, 1);

    /// <summary>The processes that mpirun started with this one; without it, this one alone.</summary>
    /// <exception cref="DllNotFoundException">mpirun started it, but there is no Open MPI to load.</exception>
    /// <exception cref="IOException">The others cannot be met.</exception>
    public static ProcessGroup Open()
    {
        if (OpenMpi.Announced == 1)
        {
            return Alone;   // without a library, as nearly always
        }

        var (rank, size) = OpenMpi.Begin();
        return new ProcessGroup(rank, size);
    }

    /// <summary>Leaves once all are here; whoever failed must not, so that the launcher ends the rest.</summary>
    public void Leave()
    {
        if (this != Alone)
        {
            OpenMpi.End();
        }
    }

    /// <summary>Whether any process was told to stop; asked by all at the same point.</summary>
    public bool StopsFor(CancellationToken cancellation) =>
        HasStopped = Sum(cancellation.IsCancellationRequested ? 1 : 0) > 0;

    /// <summary>The pieces of a list that are this process's, in their order.</summary>
    /// <param name="pieces">How many there are; divided by the number of processes without a rest.</param>
    public int[] ShareOf(int pieces) => [.. Enumerable.Range(0, pieces / Size).Select(i => (i * Size) + Rank)];

    /// <summary>The device of a process: on a machine with several GPUs each process has its own.</summary>
    /// <param name="name">"cpu", "cuda" or "cuda:1".</param>
    public string DeviceOf(string name) => Size > 1 && name == "cuda" ? $"cuda:{OpenMpi.LocalRank}" : name;

    /// <summary>The numbers of every process's pieces.</summary>
    /// <param name="own">[piece of <see cref="ShareOf"/>][number]; as many pieces in every process.</param>
    /// <returns>[piece][number], in the order of the pieces.</returns>
    public double[][] Collect(IReadOnlyList<double[]> own)
    {
        if (Size == 1)
        {
            return [.. own];
        }

        double[] lengths = [.. own.Select(piece => (double)piece.Length)];
        var allLengths = new double[lengths.Length * Size];
        Gather<double>(lengths, allLengths);
        var width = (int)allLengths.Max();
        var padded = new double[own.Count * width];
        for (var i = 0; i < own.Count; i++)
        {
            own[i].CopyTo(padded, i * width);
        }

        var all = new double[padded.Length * Size];
        Gather<double>(padded, all);
        return [.. Enumerable.Range(0, own.Count * Size).Select(piece =>
        {
            var at = (piece % Size * own.Count) + (piece / Size);
            return all.AsSpan(at * width, (int)allLengths[at]).ToArray();
        })];
    }

    /// <summary>The sums over all pieces, in the order of the pieces; a piece without numbers is left out.</summary>
    /// <param name="own">As for <see cref="Collect"/>.</param>
    public double[] SumPieces(IReadOnlyList<double[]> own)
    {
        var pieces = Collect(own);
        var sums = new double[pieces.Max(piece => piece.Length)];
        foreach (var piece in pieces)
        {
            for (var i = 0; i < piece.Length; i++)
            {
                sums[i] += piece[i];
            }
        }

        return sums;
    }

    /// <summary>The sum of one number over all processes, in the order of the ranks.</summary>
    public double Sum(double value) => SumPieces([[value]])[0];

    /// <summary>The largest of one number over all processes.</summary>
    public double Max(double value) => Collect([[value]]).Max(piece => piece[0]);

    /// <summary>Process 0's number, in every process.</summary>
    public double FromFirst(double value) => Collect([[value]])[0][0];

    /// <summary>Returns once every process has called it.</summary>
    public void Wait() => Sum(0);

    /// <summary>Part i of what is here goes to process i.</summary>
    /// <param name="parts">One for each process, of equal length.</param>
    /// <param name="received">As long; what process i sent is at i.</param>
    public void Exchange<T>(ReadOnlySpan<T> parts, Span<T> received)
        where T : unmanaged => OpenMpi.AllToAll(MemoryMarshal.AsBytes(parts), MemoryMarshal.AsBytes(received), Size);

    /// <summary>The same goes to all.</summary>
    /// <param name="own">As long in every process.</param>
    /// <param name="all">What process i sent is at i.</param>
    public void Gather<T>(ReadOnlySpan<T> own, Span<T> all)
        where T : unmanaged => OpenMpi.AllGather(MemoryMarshal.AsBytes(own), MemoryMarshal.AsBytes(all));
}
