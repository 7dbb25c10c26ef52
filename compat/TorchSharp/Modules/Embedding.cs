using static TorchSharp.torch;

namespace TorchSharp.Modules;

public class Embedding : nn.Module<Tensor, Tensor>
{
    internal Embedding(long count, long width, Device? device, ScalarType? dtype)
        : this(empty([count, width], dtype, device).normal_(), freeze: false)
    {
    }

    internal Embedding(Tensor embeddings, bool freeze)
        : base(nameof(Embedding))
    {
        weight = new Parameter(embeddings, !freeze);
        register_parameter(nameof(weight), weight);
    }

    public Parameter weight { get; }

    public override Tensor forward(Tensor input)
    {
        var result = new Tensor(Shim.shim_embedding(weight.Handle, input.Handle, padding: -1));
        GC.KeepAlive(this);
        GC.KeepAlive(input);
        return result;
    }
}
