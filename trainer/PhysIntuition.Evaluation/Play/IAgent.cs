using System.Numerics;
using PhysIntuition.Simulation;

namespace PhysIntuition.Evaluation.Play;

/// <summary>A player that needs no training.</summary>
internal interface IAgent
{
    /// <summary>For tables.</summary>
    string Name { get; }

    /// <summary>Observation that it looks at; null: none.</summary>
    string? Needs { get; }

    /// <summary>One answer for each row.</summary>
    /// <param name="task">What is asked.</param>
    /// <param name="rows">Episodes that wait for an answer.</param>
    /// <param name="observations">Holds what was asked for by <see cref="Needs"/>.</param>
    IReadOnlyList<string> Act(TaskInfo task, int rows, Observations observations);
}

/// <summary>Answers what the environment itself would; open on the training split.</summary>
internal sealed class ExpertAgent : IAgent
{
    public string Name => "expert";

    public string? Needs => "expert";

    public IReadOnlyList<string> Act(TaskInfo task, int rows, Observations observations) =>
        observations["expert"].Texts;
}

/// <summary>Uniform over the action space; the same numbers in every run.</summary>
internal sealed class RandomAgent : IAgent
{
    private static readonly string[] s_words = ["no", "yes"];

    private RandomStream _random = new(0);

    public string Name => "random";

    public string? Needs => null;

    public IReadOnlyList<string> Act(TaskInfo task, int rows, Observations observations)
    {
        using var space = JsonDocument.Parse(task.ActionSpaceJson);
        var root = space.RootElement;
        return [.. Enumerable.Range(0, rows).Select(_ => $"<answer>{Draw(root)}</answer>")];
    }

    private string Draw(JsonElement space)
    {
        if (space.GetProperty("type").GetString() == "discrete")
        {
            return s_words[_random.NextInt(0, space.GetProperty("n").GetInt32())];
        }

        var lows = space.GetProperty("low").EnumerateArray();
        var highs = space.GetProperty("high").EnumerateArray();
        return string.Join(", ", lows.Zip(highs, (low, high) =>
            _random.NextInt((int)low.GetDouble(), (int)high.GetDouble() + 1)));
    }
}

/// <summary>Reads the answer off the exact state: centres of mass over supports, and differences of centres.</summary>
internal sealed class GeometricAgent : IAgent
{
    public string Name => "geometric";

    public string? Needs => "state";

    public IReadOnlyList<string> Act(TaskInfo task, int rows, Observations observations)
    {
        var state = observations["state"];
        var (bodies, columns) = (state.Shape[1], state.Shape[2]);
        var isYesNo = task.ActionSpaceJson.Contains("discrete", StringComparison.Ordinal);
        return [.. Enumerable.Range(0, rows).Select(row =>
        {
            var numbers = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(state.Row(row).Span);
            var scene = Read(numbers, bodies, columns);
            return $"<answer>{(isYesNo ? Falls(scene) : Move(scene))}</answer>";
        })];
    }

    // Columns of the observation "state": present, position, orientation, velocity, half extents, mass, friction,
    // restitution, colour.
    private static Block[] Read(ReadOnlySpan<float> numbers, int bodies, int columns)
    {
        var blocks = new List<Block>();
        for (var body = 0; body < bodies; body++)
        {
            var row = numbers.Slice(body * columns, columns);
            if (row[0] > 0)
            {
                blocks.Add(new Block(
                    new(row[1], row[2], row[3]), new(row[11], row[12], row[13]), row[14], row[17] - row[18] - row[19]));
            }
        }

        return [.. blocks.OrderBy(block => block.Position.Y)];
    }

    // A column falls if somewhere the centre of mass of all above lies outside the contact below.
    private static string Falls(Block[] tower)
    {
        for (var level = 1; level < tower.Length; level++)
        {
            var above = tower[level..];
            var mass = above.Sum(block => block.Mass);
            var x = above.Sum(block => block.Mass * block.Position.X) / mass;
            var z = above.Sum(block => block.Mass * block.Position.Z) / mass;
            if (!Supports(tower[level - 1], tower[level], x, z))
            {
                return "yes";
            }
        }

        return "no";
    }

    private static bool Supports(Block below, Block above, float x, float z) =>
        Math.Abs(x - below.Position.X) < below.Half.X && Math.Abs(x - above.Position.X) < above.Half.X &&
        Math.Abs(z - below.Position.Z) < below.Half.Z && Math.Abs(z - above.Position.Z) < above.Half.Z;

    // From the red block to the top of the highest other block, in whole hundredths of a metre.
    private static string Move(Block[] scene)
    {
        var red = scene.MaxBy(block => block.Redness);
        var top = scene.Where(block => block != red).MaxBy(block => block.Position.Y);
        var right = 100 * (top.Position.X - red.Position.X);
        var up = 100 * (top.Position.Y + top.Half.Y + red.Half.Y - red.Position.Y);
        return $"{MathF.Round(right)}, {MathF.Ceiling(up)}";
    }

    private readonly record struct Block(Vector3 Position, Vector3 Half, float Mass, float Redness);
}
