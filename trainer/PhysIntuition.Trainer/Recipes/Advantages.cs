namespace PhysIntuition.Trainer.Recipes;

/// <summary>What a centred reward is divided by.</summary>
public enum RewardScale
{
    /// <summary>The standard deviation within the prompt's group (GRPO).</summary>
    Group,

    /// <summary>The standard deviation over the whole batch.</summary>
    Batch,

    /// <summary>Nothing (Dr. GRPO).</summary>
    None,
}

/// <summary>How several rewards become one.</summary>
public enum RewardAggregation
{
    /// <summary>The weighted sum is normalised.</summary>
    SumThenNormalise,

    /// <summary>Every reward is normalised within its group; their sum over the batch (GDPO).</summary>
    NormaliseThenSum,
}

/// <summary>Group-relative advantages of completions.</summary>
/// <remarks>
/// Shao et al., DeepSeekMath: Pushing the Limits of Mathematical Reasoning in Open Language Models, 2024; the constants
/// and the other variants are those of the TRL library.
/// </remarks>
public static class Advantages
{
    private const double Epsilon = 1e-4;   // TRL's; keeps a group of almost equal rewards from exploding

    /// <summary>One advantage per completion.</summary>
    /// <param name="rewards">[completion, reward]; completions of a prompt are neighbours; NaN: not asked.</param>
    /// <param name="weights">One per reward.</param>
    /// <param name="groupSize">Completions per prompt.</param>
    /// <param name="scale">What a centred reward is divided by; NormaliseThenSum ignores it, and spans are divided by
    /// where tasks are known.</param>
    /// <param name="aggregation">How several rewards become one.</param>
    /// <returns>[completion]; 0 where all rewards of a group are equal, or all of a completion NaN.</returns>
    public static double[] Compute(
        double[][] rewards, IReadOnlyList<double> weights, int groupSize,
        RewardScale scale = RewardScale.Group, RewardAggregation aggregation = RewardAggregation.SumThenNormalise)
    {
        Check(rewards, weights, groupSize);
        var sums = aggregation == RewardAggregation.SumThenNormalise
            ? Array.ConvertAll(rewards, row => WeightedSum(row, weights))
            : SumOfNormalised(rewards, weights, groupSize);
        var advantages = aggregation == RewardAggregation.SumThenNormalise
            ? Centre(sums, groupSize, scale)
            : Divide(Array.ConvertAll(sums, sum => sum - sums.Average()), Deviation(sums));
        for (var i = 0; i < advantages.Length; i++)
        {
            advantages[i] = rewards[i].All(double.IsNaN) ? 0 : advantages[i];
        }

        return advantages;
    }

    /// <summary>Sample standard deviation (n - 1); 0 for fewer than two values.</summary>
    public static double Deviation(ReadOnlySpan<double> values)
    {
        if (values.Length < 2)
        {
            return 0;
        }

        var mean = Mean(values);
        double squares = 0;
        foreach (var value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        return Math.Sqrt(squares / (values.Length - 1));
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum / values.Length;
    }

    private static double WeightedSum(double[] row, IReadOnlyList<double> weights) =>
        row.Select((reward, k) => double.IsNaN(reward) ? 0 : weights[k] * reward).Sum();

    private static double[] Centre(double[] sums, int groupSize, RewardScale scale)
    {
        var centred = new double[sums.Length];
        var batchDeviation = Deviation(sums);
        for (var start = 0; start < sums.Length; start += groupSize)
        {
            var group = sums.AsSpan(start, groupSize);
            var mean = Mean(group);
            var divisor = scale switch
            {
                RewardScale.Group => Deviation(group) + Epsilon,
                RewardScale.Batch => batchDeviation + Epsilon,
                _ => 1,
            };
            for (var i = 0; i < groupSize; i++)
            {
                centred[start + i] = (group[i] - mean) / divisor;
            }
        }

        return centred;
    }

    private static double[] SumOfNormalised(double[][] rewards, IReadOnlyList<double> weights, int groupSize)
    {
        var sums = new double[rewards.Length];
        for (var k = 0; k < weights.Count; k++)
        {
            for (var start = 0; start < rewards.Length; start += groupSize)
            {
                var group = rewards[start..(start + groupSize)];
                var known = group.Select(row => row[k]).Where(reward => !double.IsNaN(reward)).ToArray();
                for (var i = 0; i < groupSize; i++)
                {
                    sums[start + i] += double.IsNaN(group[i][k])
                        ? 0
                        : weights[k] * (group[i][k] - Mean(known)) / (Deviation(known) + Epsilon);
                }
            }
        }

        return sums;
    }

    private static double[] Divide(double[] values, double deviation) =>
        Array.ConvertAll(values, value => value / (deviation + Epsilon));

    private static void Check(double[][] rewards, IReadOnlyList<double> weights, int groupSize)
    {
        if (groupSize < 1 || rewards.Length % groupSize != 0)
        {
            throw new ArgumentException(
                $"There are {rewards.Length} completions in groups of {groupSize}; groups must be whole.");
        }

        if (rewards.Any(row => row.Length != weights.Count))
        {
            throw new ArgumentException($"A completion's rewards do not match the {weights.Count} weights.");
        }
    }
}
