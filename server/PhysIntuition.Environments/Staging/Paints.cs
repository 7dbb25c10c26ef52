namespace PhysIntuition.Environments.Staging;

/// <summary>Block colours, linear RGB. None of them can be taken for red.</summary>
internal static class Paints
{
    /// <summary>The colour of the one block that a question names.</summary>
    public static Vector3 Red { get; } = Palettes.Default["red"];

    /// <summary>The colour of arrows and zones.</summary>
    public static Vector3 Mark { get; } = new(0.02f, 0.02f, 0.025f);

    private static readonly NamedColor[] s_paints = WithoutRed(Palettes.Default);

    private static readonly NamedColor[] s_cubes = WithoutRed(Palettes.Cubes);

    // No prompt can expect anybody to tell oak from maple.
    private static readonly NamedColor[] s_woods =
        [.. WithoutRed(Palettes.Woods).Select(wood => wood with { Name = "brown" })];

    private static readonly NamedColor[] s_pastels =
    [
        new("blue", new(0.397f, 0.552f, 0.831f)), new("green", new(0.462f, 0.723f, 0.521f)),
        new("yellow", new(0.880f, 0.761f, 0.366f)), new("orange", new(0.896f, 0.597f, 0.376f)),
        new("purple", new(0.610f, 0.479f, 0.768f)), new("cyan", new(0.456f, 0.745f, 0.776f)),
    ];

    private static readonly NamedColor[] s_greys =
        [.. new[] { 0.102f, 0.156f, 0.223f, 0.305f, 0.402f, 0.515f }.Select(tone => new NamedColor("grey", new(tone)))];

    private static readonly NamedColor[] s_uniform = [new("brown", new(0.584f, 0.366f, 0.147f))];

    /// <summary>What the colours of all palettes are called.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<PaletteName>().SelectMany(Of)
        .Select(color => color.Name).Distinct()];

    private static readonly Dictionary<Vector3, int> s_nameOf = Enum.GetValues<PaletteName>().SelectMany(Of)
        .DistinctBy(color => color.Linear).ToDictionary(color => color.Linear, color => IndexOf(color.Name));

    /// <summary>Index of a palette's colour in <see cref="Names"/>; -1 for another.</summary>
    public static int NameOf(Vector3 color) => s_nameOf.GetValueOrDefault(color, -1);

    /// <summary>Index in <see cref="Names"/> of the colour of a palette that a pixel has most likely.</summary>
    /// <param name="palette">Which colours there are.</param>
    /// <param name="rgb">sRGB.</param>
    public static int NearestName(PaletteName palette, ReadOnlySpan<byte> rgb)
    {
        const float gamma = 255f * 255f;   // near enough to sRGB's curve for light that is not known anyway
        Vector3 seen = new(rgb[0] * rgb[0] / gamma, rgb[1] * rgb[1] / gamma, rgb[2] * rgb[2] / gamma);

        return IndexOf(Of(palette).MinBy(color => Difference(color.Linear, seen)).Name);
    }

    /// <summary>Colours of a palette, never one twice in a row unless there is only one.</summary>
    public static Vector3 Next(PaletteName palette, ref RandomStream random, ref int last)
    {
        var colors = Of(palette);
        var next = random.NextInt(0, colors.Length);
        last = next == last ? (next + 1) % colors.Length : next;

        return colors[last].Linear;
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

    private static NamedColor[] Of(PaletteName palette) => palette switch
    {
        PaletteName.Cubes => s_cubes,
        PaletteName.Pastels => s_pastels,
        PaletteName.Greys => s_greys,
        PaletteName.Woods => s_woods,
        PaletteName.Uniform => s_uniform,
        _ => s_paints,
    };

    private static int IndexOf(string name)
    {
        var index = 0;
        while (Names[index] != name)
        {
            index++;
        }

        return index;
    }

    // Of hues, whatever the light, and a little of lightness, which alone tells white from black.
    private static float Difference(Vector3 color, Vector3 seen)
    {
        const float lightness = 0.2f;
        float own = color.X + color.Y + color.Z, its = seen.X + seen.Y + seen.Z + 1e-3f;

        return Vector3.DistanceSquared(color / own, seen / its) + (lightness * (own - its) * (own - its) / 9f);
    }

    // Orange beside red is hard to name in shadow.
    private static NamedColor[] WithoutRed(Palette palette) =>
        [.. palette.Colors.Where(color => color.Name is not ("red" or "orange"))];
}
