using System.Numerics;
using PhysIntuition.Environments.Options;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation.Random;

namespace PhysIntuition.Environments.Staging;

/// <summary>Block colours, linear RGB. None of them can be taken for red.</summary>
internal static class Paints
{
    /// <summary>The colour of the one block that a question names.</summary>
    public static Vector3 Red { get; } = Palettes.Default["red"];

    /// <summary>The colour of arrows and zones.</summary>
    public static Vector3 Mark { get; } = new(0.02f, 0.02f, 0.025f);

    private static readonly Vector3[] s_paints = WithoutRed(Palettes.Default);

    private static readonly Vector3[] s_cubes = WithoutRed(Palettes.Cubes);

    private static readonly Vector3[] s_woods = WithoutRed(Palettes.Woods);

    private static readonly Vector3[] s_pastels =
    [
        new(0.397f, 0.552f, 0.831f), new(0.462f, 0.723f, 0.521f), new(0.880f, 0.761f, 0.366f),
        new(0.896f, 0.597f, 0.376f), new(0.610f, 0.479f, 0.768f), new(0.456f, 0.745f, 0.776f),
    ];

    private static readonly Vector3[] s_greys =
    [
        new(0.102f), new(0.156f), new(0.223f), new(0.305f), new(0.402f), new(0.515f),
    ];

    private static readonly Vector3[] s_uniform = [new(0.584f, 0.366f, 0.147f)];

    /// <summary>Colours of a palette, never one twice in a row unless there is only one.</summary>
    public static Vector3 Next(PaletteName palette, ref RandomStream random, ref int last)
    {
        var colors = palette switch
        {
            PaletteName.Cubes => s_cubes,
            PaletteName.Pastels => s_pastels,
            PaletteName.Greys => s_greys,
            PaletteName.Woods => s_woods,
            PaletteName.Uniform => s_uniform,
            _ => s_paints,
        };
        var next = random.NextInt(0, colors.Length);
        last = next == last ? (next + 1) % colors.Length : next;

        return colors[last];
    }

    /// <summary>The renderer's material of a surface.</summary>
    public static Material MaterialOf(Surface surface, ref RandomStream random) => surface switch
    {
        Surface.PlainWood => Material.PlainWood,
        Surface.Plastic => Material.Plastic,
        Surface.Stone => Material.Stone,
        Surface.Cardboard => Material.Cardboard,
        Surface.Flat => Material.Flat,
        Surface.Mixed => (Material)random.NextInt(0, 5),
        _ => Material.PaintedWood,
    };

    // Orange beside red is hard to name in shadow.
    private static Vector3[] WithoutRed(Palette palette) =>
        [.. palette.Colors.Where(color => color.Name is not ("red" or "orange")).Select(color => color.Linear)];
}
