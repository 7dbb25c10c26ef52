using System.Runtime.InteropServices;
using PhysIntuition.V1;

namespace PhysIntuition.Client;

/// <summary>One named observation of all rows: a tensor, encoded pictures, or texts.</summary>
/// <remarks>Memory is not copied. In shared memory it is overwritten some calls later, see
/// <see cref="EnvironmentSettings.SharedBuffers"/>; copy what must be kept.</remarks>
public sealed class Observation
{
    /// <summary>An observation of any form.</summary>
    /// <param name="name">"rgb", "prompt", ...</param>
    public Observation(string name)
    {
        Name = name;
    }

    /// <summary>"rgb", "prompt", ...</summary>
    public string Name { get; }

    /// <summary>Element type of a tensor; unspecified for the other forms.</summary>
    public DataType Type { get; init; }

    /// <summary>Axes of a tensor, rows first: [rows, height, width, 3].</summary>
    public IReadOnlyList<int> Shape { get; init; } = [];

    /// <summary>Elements of a tensor: row-major, little-endian.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>One PNG or JPEG file for each row.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Files { get; init; } = [];

    /// <summary>One text for each row.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>Elements of a tensor as numbers.</summary>
    /// <typeparam name="T">What <see cref="Type"/> says.</typeparam>
    public ReadOnlySpan<T> As<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes.Span);

    /// <summary>The bytes of one row of a tensor.</summary>
    public ReadOnlyMemory<byte> Row(int row)
    {
        var size = Bytes.Length / Shape[0];
        return Bytes.Slice(row * size, size);
    }

    internal static Observation From(V1.Observation message, SharedMemoryView? shared) => message.ContentCase switch
    {
        V1.Observation.ContentOneofCase.Tensor => new Observation(message.Name)
        {
            Type = message.Tensor.Type,
            Shape = [.. message.Tensor.Shape.Select(axis => (int)axis)],
            Bytes = message.Tensor.MemoryOffset == 0
                ? message.Tensor.Data.Memory
                : shared!.Slice(message.Tensor),
        },
        V1.Observation.ContentOneofCase.Pictures => new Observation(message.Name)
        {
            Files = [.. message.Pictures.Files.Select(file => file.Memory)],
        },
        _ => new Observation(message.Name) { Texts = message.Texts?.Values ?? (IReadOnlyList<string>)[] },
    };
}

/// <summary>Observations by name, in the order in which they were asked for.</summary>
public sealed class Observations : List<Observation>
{
    /// <summary>No observations.</summary>
    public Observations()
    {
    }

    internal Observations(IEnumerable<V1.Observation> messages, SharedMemoryView? shared)
        : base(messages.Select(message => Observation.From(message, shared)))
    {
    }

    /// <summary>The observation of that name.</summary>
    /// <exception cref="KeyNotFoundException">It was not asked for.</exception>
    public Observation this[string name] =>
        Find(observation => observation.Name == name) ?? throw new KeyNotFoundException(
            $"There is no observation '{name}'; asked for were {string.Join(", ", this.Select(seen => seen.Name))}.");
}
