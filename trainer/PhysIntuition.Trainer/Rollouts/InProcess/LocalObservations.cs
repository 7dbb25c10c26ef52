using System.Runtime.InteropServices;
using System.Text.Json;
using PhysIntuition.Client;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Rendering;
using PhysIntuition.V1;
using Observation = PhysIntuition.Client.Observation;

namespace PhysIntuition.Trainer.Rollouts.InProcess;

/// <summary>What a batch shows, in the client's form.</summary>
internal static class LocalObservations
{
    private const int DefaultSide = 224;   // pixels, as on the wire

    private static readonly JsonSerializerOptions s_snakeCase =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The observations of some slots; none where nothing is asked for.</summary>
    public static Observations Of(EnvironmentBatch batch, Observe? wanted, int[] slots)
    {
        var seen = new Observations();
        foreach (var name in wanted?.Names ?? [])
        {
            seen.Add(name switch
            {
                "rgb" => Pictures(batch, wanted!, slots),
                "prompt" => Texts(name, slots, slot => batch.Prompt(slot)),
                "expert" => Texts(name, slots, slot => batch.Expert(slot)),
                "info" => Texts(name, slots, slot => Info(batch.Results, slot)),
                "state" => States(batch, slots),
                _ => throw new NotSupportedException(
                    $"'{name}' cannot be observed in this process; choose rgb, prompt, expert, info or state, or "
                    + "connect to a server."),
            });
        }

        return seen;
    }

    private static Observation Texts(string name, int[] slots, Func<int, string> text) =>
        new(name) { Texts = [.. slots.Select(text)] };

    private static Observation Pictures(EnvironmentBatch batch, Observe wanted, int[] slots)
    {
        var format = new FrameFormat(
            wanted.Width == 0 ? DefaultSide : wanted.Width, wanted.Height == 0 ? DefaultSide : wanted.Height);
        var pixels = new byte[format.BytesOf(Channels.Rgb) * slots.Length];
        batch.Render(slots, format, new FrameBuffers { Rgb = pixels });
        return new Observation("rgb")
        {
            Type = DataType.Uint8, Shape = [slots.Length, format.Height, format.Width, 3], Bytes = pixels,
        };
    }

    private static Observation States(EnvironmentBatch batch, int[] slots)
    {
        var values = new float[slots.Length * StateLayout.Length];
        for (var row = 0; row < slots.Length; row++)
        {
            batch.State(slots[row], values.AsSpan(row * StateLayout.Length, StateLayout.Length));
        }

        return new Observation("state")
        {
            Type = DataType.Float32, Shape = [slots.Length, StateLayout.Rows, StateLayout.Columns],
            Bytes = MemoryMarshal.AsBytes<float>(values).ToArray(),
        };
    }

    private static string Info(StepResults results, int slot) => JsonSerializer.Serialize(new
    {
        ParseError = results.ParseErrors[slot], Verdict = results.Verdicts[slot],
        Distance = Finite(results.Distances[slot]), Margin = Finite(results.Margins[slot]),
    }, s_snakeCase);

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
