using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>A module of the model; its children carry the names that checkpoints use.</summary>
public abstract class Part(string name) : nn.Module(name)
{
    /// <summary>Adds a child under a checkpoint's name and hands it back.</summary>
    private protected T Add<T>(string name, T child)
        where T : nn.Module
    {
        register_module(name, child);
        return child;
    }

    private protected TorchSharp.Modules.Parameter Add(string name, TorchSharp.Modules.Parameter parameter)
    {
        register_parameter(name, parameter);
        return parameter;
    }

    /// <summary>The linear layers in a module and below it, in the order in which they were added.</summary>
    internal static IEnumerable<LinearLayer> LinearLayersOf(nn.Module module) => module is LinearLayer layer
        ? [layer]
        : module.children().SelectMany(LinearLayersOf);

    /// <summary>Nothing: children and parameters were added under their names; fields are not to be searched.</summary>
    protected override void RegisterComponents()
    {
    }

    /// <summary>Runs a layer; without a backward pass to come, what it made on the way goes at once.</summary>
    private protected static Tensor Tidily(Func<Tensor> layer)
    {
        if (is_grad_enabled())
        {
            return layer();
        }

        using var scope = NewDisposeScope();
        return layer().MoveToOuterDisposeScope();
    }
}
