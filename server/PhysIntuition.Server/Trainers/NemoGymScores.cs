namespace PhysIntuition.Server.Trainers;

/// <summary>NeMo Gym's figures of rewards: mean, max, min, median and deviation, by task and altogether.</summary>
internal static class NemoGymScores
{
    private const string TaskIndex = "_ng_task_index";

    /// <summary>Sums up what /verify answered.</summary>
    public static NemoGymMetrics Aggregate(JsonArray responses)
    {
        var scores = responses.Select((response, place) => Read(response, place)).ToList();
        var groups = new JsonArray();
        foreach (var group in scores.GroupBy(score => score.Task).OrderBy(group => group.Key))
        {
            var figures = Figures([.. group.Select(score => score.Reward)]);
            figures[TaskIndex] = group.Key;
            groups.Add((JsonNode)figures);
        }

        var all = scores.Count == 0 ? [] : Figures([.. scores.Select(score => score.Reward)]);
        var key = scores.Count == 0 ? [] : new JsonObject { ["mean/reward"] = all["mean/reward"]!.DeepClone() };
        return new NemoGymMetrics(groups, all, key);
    }

    private static (long Task, double Reward) Read(JsonNode? response, int place)
    {
        var field = $"verify_responses[{place}].reward";
        if (response is not JsonObject row || row["reward"] is not JsonValue value
            || !value.TryGetValue<double>(out var reward))
        {
            throw OpenEnvFault.Invalid(field,
                $"'{field}' is no number; each answer of verify has one. Send them whole.");
        }

        return (row[TaskIndex] is JsonValue task && task.TryGetValue<long>(out var index) ? index : 0, reward);
    }

    private static JsonObject Figures(double[] rewards)
    {
        Array.Sort(rewards);
        var (count, mean) = (rewards.Length, rewards.Average());
        // Of a sample; 0 for one reward alone.
        var squares = rewards.Sum(reward => (reward - mean) * (reward - mean));
        var deviation = count == 1 ? 0 : Math.Sqrt(squares / (count - 1));
        return new JsonObject
        {
            ["mean/reward"] = mean,
            ["max/reward"] = rewards[^1],
            ["min/reward"] = rewards[0],
            ["median/reward"] = (rewards[(count - 1) / 2] + rewards[count / 2]) / 2,
            ["std/reward"] = deviation,
        };
    }
}
