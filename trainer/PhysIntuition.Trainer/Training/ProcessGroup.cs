using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Runtime.InteropServices;

namespace PhysIntuition.Trainer.Training;

/// <summary>Processes that learn one model together: each takes a share of every batch, gradients are added.</summary>
/// <remarks>
/// A star over TCP: process 0 adds in the order of the ranks and sends the sum back, so that every process has the same
/// bits, and the same as one process that goes through the shares one after the other.
/// </remarks>
internal sealed class ProcessGroup : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);   // for the others to start

    private readonly NetworkStream[] _streams;   // process 0: one for each other; else: process 0's

    private ProcessGroup(int rank, int size, NetworkStream[] streams)
    {
        (Rank, Size, _streams) = (rank, size, streams);
    }

    /// <summary>This process's number, from 0 on; process 0 writes logs and checkpoints.</summary>
    public int Rank { get; }

    /// <summary>How many processes.</summary>
    public int Size { get; }

    /// <summary>Whether this process writes what the team leaves behind.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>One process alone.</summary>
    public static ProcessGroup Alone { get; } = new(0, 1, []);

    /// <summary>Meets the other processes; waits until all are there.</summary>
    /// <param name="rank">This process's number.</param>
    /// <param name="size">How many processes.</param>
    /// <param name="rendezvous">Where process 0 listens, "HOST:PORT".</param>
    /// <exception cref="ArgumentException">A number is out of range or the address cannot be read.</exception>
    /// <exception cref="IOException">The others did not come.</exception>
    public static ProcessGroup Open(int rank, int size, string rendezvous)
    {
        if (size < 1 || rank < 0 || rank >= size)
        {
            throw new ArgumentException($"rank is {rank} and workers {size}; rank must be in [0, workers).");
        }

        if (size == 1)
        {
            return Alone;
        }

        var address = Address(rendezvous);
        if (rank > 0)
        {
            return Join(rank, size, address);
        }

        using var listener = new TcpListener(address);
        listener.Start();
        return Lead(listener, size);
    }

    /// <summary>Process 0 where the others know already where it listens.</summary>
    /// <param name="listener">Started.</param>
    /// <param name="size">How many processes.</param>
    /// <exception cref="IOException">The others did not come, or came with a number that is not theirs.</exception>
    public static ProcessGroup Lead(TcpListener listener, int size)
    {
        var streams = new NetworkStream[size - 1];
        try
        {
            for (var met = 1; met < size; met++)
            {
                Meet(listener, met, streams);
            }

            return new ProcessGroup(0, size, streams);
        }
        catch
        {
            foreach (var stream in streams)
            {
                stream?.Dispose();   // or the others would wait for ever
            }

            throw;
        }
    }

    /// <summary>The part of a list of pieces that is this process's; pieces must divide evenly.</summary>
    public Range ShareOf(int pieces) => (Rank * pieces / Size)..((Rank + 1) * pieces / Size);

    /// <summary>Adds numbers over all processes, in the order of the ranks; every process gets the sums.</summary>
    public void Sum<T>(Span<T> values)
        where T : unmanaged, INumber<T>
    {
        if (Size == 1)
        {
            return;
        }

        var bytes = MemoryMarshal.AsBytes(values);
        if (!IsFirst)
        {
            _streams[0].Write(bytes);
            _streams[0].ReadExactly(bytes);
            return;
        }

        var other = new T[values.Length];
        foreach (var stream in _streams)
        {
            stream.ReadExactly(MemoryMarshal.AsBytes(other.AsSpan()));
            for (var i = 0; i < other.Length; i++)
            {
                values[i] += other[i];
            }
        }

        foreach (var stream in _streams)
        {
            stream.Write(bytes);
        }
    }

    /// <summary>The sum of one number over all processes.</summary>
    public double Sum(double value)
    {
        Span<double> values = [value];
        Sum(values);
        return values[0];
    }

    /// <summary>The sums of numbers of the same names.</summary>
    public void Sum(Dictionary<string, double> values)
    {
        string[] names = [.. values.Keys.Order(StringComparer.Ordinal)];
        double[] sums = [.. names.Select(name => values[name])];
        Sum<double>(sums);
        for (var i = 0; i < names.Length; i++)
        {
            values[names[i]] = sums[i];
        }
    }

    /// <summary>The means of numbers of the same names.</summary>
    public void Average(Dictionary<string, double> values)
    {
        Sum(values);
        foreach (var name in values.Keys.ToArray())
        {
            values[name] /= Size;
        }
    }

    /// <summary>Process 0's number, in every process.</summary>
    public double FromFirst(double value) => Sum(IsFirst ? value : 0);

    /// <summary>Leaves the team.</summary>
    public void Dispose()
    {
        foreach (var stream in _streams)
        {
            stream.Dispose();
        }
    }

    private static void Meet(TcpListener listener, int met, NetworkStream[] streams)
    {
        using var limit = new CancellationTokenSource(s_patience);
        Socket socket;
        try
        {
            socket = listener.AcceptSocketAsync(limit.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException late)
        {
            throw new IOException($"{met} of {streams.Length + 1} processes met at {listener.LocalEndpoint}; "
                + "start the others within a minute.", late);
        }

        var stream = Stream(socket);
        var bytes = new byte[sizeof(int)];
        stream.ReadExactly(bytes);
        var rank = BitConverter.ToInt32(bytes);
        if (rank < 1 || rank > streams.Length || streams[rank - 1] is not null)
        {
            stream.Dispose();
            throw new IOException($"A process came with rank {rank}; give each of the others its own number from 1 to "
                + $"{streams.Length}.");
        }

        streams[rank - 1] = stream;
    }

    private static ProcessGroup Join(int rank, int size, IPEndPoint address)
    {
        for (var until = DateTime.UtcNow + s_patience; ;)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(address);
                var stream = Stream(socket);
                stream.Write(BitConverter.GetBytes(rank));
                return new ProcessGroup(rank, size, [stream]);
            }
            catch (SocketException refused)
            {
                socket.Dispose();
                if (DateTime.UtcNow > until)
                {
                    throw new IOException($"Nobody listens at {address}; start process 0 there.", refused);
                }

                Thread.Sleep(TimeSpan.FromMilliseconds(50));   // process 0 is still starting
            }
        }
    }

    private static NetworkStream Stream(Socket socket)
    {
        socket.NoDelay = true;
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static IPEndPoint Address(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon > 0 && ushort.TryParse(text[(colon + 1)..], CultureInfo.InvariantCulture, out var port))
        {
            return new IPEndPoint(Dns.GetHostAddresses(text[..colon])[0], port);
        }

        throw new ArgumentException($"rendezvous is '{text}'; write it as HOST:PORT of process 0.");
    }
}
