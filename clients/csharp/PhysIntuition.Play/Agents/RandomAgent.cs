using System.Text.Json;
using PhysIntuition.Client;
using PhysIntuition.V1;

namespace PhysIntuition.Play.Agents;

/// <summary>Uniform over the action space; the same numbers in every run.</summary>
internal sealed class RandomAgent : IAgent
{
    private static readonly string[] s_words = ["no", "yes"];

    private readonly Random _random = new(0);

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
            return s_words[_random.Next(space.GetProperty("n").GetInt32())];
        }

        var lows = space.GetProperty("low").EnumerateArray();
        var highs = space.GetProperty("high").EnumerateArray();
        return string.Join(", ", lows.Zip(highs, (low, high) =>
            _random.Next((int)low.GetDouble(), (int)high.GetDouble() + 1)));
    }
}
