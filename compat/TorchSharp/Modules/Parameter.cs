namespace TorchSharp.Modules;

/// <summary>A tensor that a module learns. Takes over the given tensor, which becomes empty.</summary>
public class Parameter : torch.Tensor
{
    public Parameter(torch.Tensor data, bool requires_grad = true)
        : base(data.ReleaseHandle()) => this.requires_grad = requires_grad;
}
