namespace PhysIntuition.Environments.Tasks;

/// <summary>One kind of observation that may be asked for by name.</summary>
/// <param name="Name">Wire spelling.</param>
/// <param name="Type"><c>uint8</c>, <c>float32</c> or <c>text</c>.</param>
/// <param name="Shape">Axes in row-major order; empty for text.</param>
/// <param name="Summary">Content and unit.</param>
/// <param name="IsPrivileged">Withheld on held-out splits.</param>
public sealed record ObservationSpec(string Name, string Type, string Shape, string Summary, bool IsPrivileged = false)
{
    /// <summary>The picture.</summary>
    public static ObservationSpec Rgb { get; } = new("rgb", "uint8", "height, width, 3", "sRGB picture.");

    /// <summary>Distances.</summary>
    public static ObservationSpec Depth { get; } = new(
        "depth", "float32", "height, width", "Distance along the view direction, m; infinity where nothing is.");

    /// <summary>Which block is where.</summary>
    public static ObservationSpec Segmentation { get; } = new(
        "segmentation", "uint8", "height, width", "0 ground, i + 1 block i, 255 sky or wall.");

    /// <summary>The exact scene.</summary>
    public static ObservationSpec State { get; } = new(
        "state", "float32", $"{Episodes.StateLayout.Rows}, {Episodes.StateLayout.Columns}",
        Episodes.StateLayout.Summary, IsPrivileged: true);

    /// <summary>The question.</summary>
    public static ObservationSpec Prompt { get; } = new("prompt", "text", "", "The question, with the answer's form.");

    /// <summary>What a task with one rendered picture offers.</summary>
    public static IReadOnlyList<ObservationSpec> Standard { get; } = [Rgb, Depth, Segmentation, State, Prompt];

    /// <summary>What a task whose picture is composed of others offers.</summary>
    public static IReadOnlyList<ObservationSpec> PictureOnly { get; } = [Rgb, Prompt];
}
