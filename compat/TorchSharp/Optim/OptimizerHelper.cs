using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>An optimiser whose state is some tensors per parameter.</summary>
public abstract class OptimizerHelper : optim.Optimizer
{
    private const int StateVersion = 1;

    /// <summary>State tensors in a fixed order, all groups.</summary>
    private protected abstract IEnumerable<Tensor> StateTensors { get; }

    private protected abstract long Steps { get; set; }

    public void save_state_dict(string location)
    {
        using var writer = new BinaryWriter(File.Create(location));
        save_state_dict(writer);
    }

    public void save_state_dict(BinaryWriter writer)
    {
        var tensors = StateTensors.ToArray();
        writer.Write(StateVersion);
        writer.Write(Steps);
        writer.Write(tensors.Length);
        foreach (var tensor in tensors)
        {
            tensor.Save(writer);
        }
    }

    public void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        load_state_dict(reader);
    }

    public void load_state_dict(BinaryReader reader)
    {
        var tensors = StateTensors.ToArray();
        var version = reader.ReadInt32();
        var steps = reader.ReadInt64();
        var count = reader.ReadInt32();
        if (version != StateVersion || count != tensors.Length)
        {
            throw new InvalidDataException(
                $"The optimiser state is version {version} with {count} tensors; "
                + $"expected version {StateVersion} with {tensors.Length}.");
        }

        Steps = steps;
        foreach (var tensor in tensors)
        {
            tensor.Load(reader);
        }
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var tensor in StateTensors)
        {
            tensor.Dispose();
        }
    }
}
