using System.Numerics;

namespace PhysIntuition.Rendering.Scenes;

/// <summary>The palettes that come with the renderer.</summary>
public static class Palettes
{
    /// <summary>Told apart by people of every colour vision: the colours differ in lightness as well as in hue.</summary>
    public static Palette Default { get; } = new("default",
        Color("red", 0xC8, 0x32, 0x2B), Color("blue", 0x2B, 0x5F, 0xB8), Color("yellow", 0xE8, 0xB9, 0x2E),
        Color("green", 0x3B, 0x95, 0x48), Color("purple", 0x7A, 0x46, 0x9C), Color("orange", 0xDD, 0x77, 0x28),
        Color("cyan", 0x3A, 0xA9, 0xB4), Color("pink", 0xD9, 0x7F, 0xA4), Color("white", 0xE6, 0xE2, 0xD8),
        Color("black", 0x3A, 0x3A, 0x3D));

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
