using Microsoft.Extensions.AI;

namespace PhysIntuition.Evaluation.Models;

/// <summary>Opens folders of weights, in a program that has a library to compute with.</summary>
public interface IFolderModels : IDisposable
{
    /// <summary>Refuses what is no model's folder, and settings that its models do not have.</summary>
    /// <param name="model">The folder.</param>
    /// <param name="settings">What will be asked of it.</param>
    /// <exception cref="ArgumentException">It cannot be opened; the message says why.</exception>
    void Check(ModelName model, GenerationSettings settings);

    /// <summary>Opens a model, or gives the one that is open; another one is closed.</summary>
    /// <param name="model">The folder.</param>
    /// <param name="settings">What is asked of it beside the messages.</param>
    IChatClient Open(ModelName model, GenerationSettings settings);
}
