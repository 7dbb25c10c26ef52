using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using PhysIntuition.Client;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>What is exactly true of a scene, for probes.</summary>
/// <param name="Offset">The expert's first number where the task asks for numbers, in its unit; else how far the last
/// block's centre is to the right of the first one's, m.</param>
/// <param name="Margin">How far the scene is from another outcome, block widths; 0 where that means nothing.</param>
/// <param name="Blocks">Bodies.</param>
internal sealed partial record SceneFacts(double Offset, double Margin, double Blocks)
{
    private const int BodyRows = 16, BodyColumns = 20;   // of the observation "state"

    /// <summary>What can be asked for.</summary>
    public static IReadOnlyList<string> Names { get; } = ["offset", "margin", "blocks"];

    /// <summary>Names of the observations that facts are read from.</summary>
    public static Observe Observe { get; } = new("state", "margin", "expert");

    /// <summary>A fact by name.</summary>
    public double this[string name] => name switch
    {
        "offset" => Offset, "margin" => Margin, "blocks" => Blocks,
        _ => throw new ArgumentException($"fact '{name}' is unknown; known: {string.Join(", ", Names)}."),
    };

    /// <summary>The facts of every row.</summary>
    public static SceneFacts[] Read(Observations seen)
    {
        var experts = seen["expert"].Texts;
        var margins = MemoryMarshal.Cast<byte, float>(seen["margin"].Bytes.Span).ToArray();
        return [.. Enumerable.Range(0, experts.Count).Select(row =>
            Read(MemoryMarshal.Cast<byte, float>(seen["state"].Row(row).Span), margins[row], experts[row]))];
    }

    private static SceneFacts Read(ReadOnlySpan<float> state, float margin, string expert)
    {
        var blocks = 0;
        while (blocks < BodyRows && state[blocks * BodyColumns] != 0)
        {
            blocks++;
        }

        var lean = blocks == 0 ? 0 : state[((blocks - 1) * BodyColumns) + 1] - state[1];
        var number = Number().Match(expert);
        return new SceneFacts(
            number.Success ? double.Parse(number.Value, CultureInfo.InvariantCulture) : lean,
            float.IsFinite(margin) ? margin : 0, blocks);
    }

    [GeneratedRegex(@"-?\d+(\.\d+)?")]
    private static partial Regex Number();
}
