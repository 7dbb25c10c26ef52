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

/// <summary>The palettes that come with the renderer.</summary>
public static class Palettes
{
    /// <summary>Told apart by people of every colour vision: they differ in lightness as in hue.</summary>
    public static Palette Default { get; } = new("default",
        Color("red", 0xB4, 0x18, 0x18), Color("blue", 0x28, 0x50, 0xD9), Color("yellow", 0xF5, 0xDD, 0x39),
        Color("green", 0x12, 0x8C, 0x4D), Color("purple", 0x6A, 0x2C, 0x8E), Color("orange", 0xD9, 0x72, 0x12),
        Color("cyan", 0x39, 0xC0, 0xF4), Color("pink", 0xDD, 0x90, 0xA4), Color("white", 0xF2, 0xF2, 0xE6),
        Color("black", 0x26, 0x26, 0x28));

    /// <summary>The four paints of the wooden cubes in the photographs.</summary>
    public static Palette Cubes { get; } = new("cubes",
        Color("red", 0xB8, 0x1E, 0x26), Color("blue", 0x24, 0x44, 0x8C),
        Color("green", 0x1C, 0x66, 0x3A), Color("yellow", 0xE2, 0xD4, 0x3C));

    /// <summary>Kinds of wood.</summary>
    public static Palette Woods { get; } = new("woods",
        Color("oak", 0xC2, 0x96, 0x62), Color("walnut", 0x7B, 0x52, 0x33), Color("maple", 0xE0, 0xC2, 0x94),
        Color("cherry", 0xA8, 0x5F, 0x3C), Color("ebony", 0x4A, 0x3C, 0x33));

    /// <summary>All palettes.</summary>
    public static IReadOnlyList<Palette> All { get; } = [Default, Cubes, Woods];

    private static NamedColor Color(string name, byte red, byte green, byte blue) =>
        new(name, new Vector3(SrgbTable.Linear[red], SrgbTable.Linear[green], SrgbTable.Linear[blue]));
}
