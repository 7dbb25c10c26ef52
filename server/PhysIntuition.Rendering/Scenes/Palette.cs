using System.Numerics;
using PhysIntuition.Faults;

namespace PhysIntuition.Rendering.Scenes;

/// <summary>A colour that a prompt can speak of.</summary>
/// <param name="Name">English, lower case, unique in its palette.</param>
/// <param name="Linear">Linear RGB, each in [0, 1].</param>
public readonly record struct NamedColor(string Name, Vector3 Linear);

/// <summary>Colours that can be told apart, each by its name.</summary>
/// <param name="name">Lower case.</param>
/// <param name="colors">In the order in which tasks use them.</param>
public sealed class Palette(string name, params NamedColor[] colors)
{
    /// <summary>Lower case.</summary>
    public string Name { get; } = name;

    /// <summary>In the order in which tasks use them.</summary>
    public IReadOnlyList<NamedColor> Colors { get; } = colors;

    /// <summary>The colour of this name.</summary>
    /// <exception cref="PhysIntuitionException">There is none; the message lists those that exist.</exception>
    public Vector3 this[string color]
    {
        get
        {
            foreach (var candidate in Colors)
            {
                if (candidate.Name == color)
                {
                    return candidate.Linear;
                }
            }

            throw new PhysIntuitionException(Fault.NotFound, "color",
                $"'color' is '{color}'; palette '{Name}' has {string.Join(", ", Colors.Select(c => c.Name))}. " +
                "Take one of them.");
        }
    }
}
