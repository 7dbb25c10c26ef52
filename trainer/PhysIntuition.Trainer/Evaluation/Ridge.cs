namespace PhysIntuition.Trainer.Evaluation;

/// <summary>Ridge regression in its dual form: cheap where there are more features than examples.</summary>
internal sealed class Ridge
{
    private static readonly double[] s_strengths = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10];   // shares of the mean eigenvalue

    private readonly double[] _means, _scales, _weights;
    private readonly double _offset;

    private Ridge(float[][] examples, double[] targets, double strength)
    {
        (_means, _scales) = Standards(examples);
        _offset = targets.Average();
        var kernel = new double[examples.Length, examples.Length];
        var trace = 0.0;
        var rows = Array.ConvertAll(examples, Standardise);
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                kernel[i, j] = kernel[j, i] = Dot(rows[i], rows[j]);
            }

            trace += kernel[i, i];
        }

        for (var i = 0; i < rows.Length; i++)
        {
            kernel[i, i] += Math.Max(strength * trace / rows.Length, 1e-9);
        }

        var dual = Solve(kernel, [.. targets.Select(target => target - _offset)]);
        _weights = new double[_means.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var k = 0; k < _weights.Length; k++)
            {
                _weights[k] += dual[i] * rows[i][k];
            }
        }
    }

    /// <summary>Fits; the strength is the one that does best on the last fifth of the examples.</summary>
    /// <param name="examples">[example, feature].</param>
    /// <param name="targets">[example].</param>
    public static Ridge Fit(float[][] examples, double[] targets)
    {
        var kept = examples.Length * 4 / 5;
        var best = s_strengths.MaxBy(strength => Score(
            new Ridge(examples[..kept], targets[..kept], strength), examples[kept..], targets[kept..]));
        return new Ridge(examples, targets, best);
    }

    /// <summary>The predicted number.</summary>
    public double Predict(float[] features) => _offset + Dot(Standardise(features), _weights);

    /// <summary>Share of the variance that predictions explain; below 0 they are worse than the mean.</summary>
    public static double Score(Ridge model, float[][] examples, double[] targets)
    {
        var mean = targets.Average();
        var total = targets.Sum(target => (target - mean) * (target - mean));
        var left = examples.Zip(targets, (example, target) => Math.Pow(target - model.Predict(example), 2)).Sum();
        return total == 0 ? 0 : 1 - (left / total);
    }

    private static (double[] Means, double[] Scales) Standards(float[][] examples)
    {
        var width = examples[0].Length;
        var (means, scales) = (new double[width], new double[width]);
        for (var k = 0; k < width; k++)
        {
            means[k] = examples.Average(example => (double)example[k]);
            scales[k] = Math.Sqrt(examples.Average(example => Math.Pow(example[k] - means[k], 2)));
        }

        return (means, scales);
    }

    private double[] Standardise(float[] features)
    {
        var row = new double[features.Length];
        for (var k = 0; k < row.Length; k++)
        {
            row[k] = _scales[k] == 0 ? 0 : (features[k] - _means[k]) / _scales[k];
        }

        return row;
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var k = 0; k < a.Length; k++)
        {
            sum += a[k] * b[k];
        }

        return sum;
    }

    /// <summary>Solves a symmetric positive system by Cholesky's factors; the matrix is overwritten.</summary>
    private static double[] Solve(double[,] matrix, double[] values)
    {
        var count = values.Length;
        for (var j = 0; j < count; j++)
        {
            for (var i = j; i < count; i++)
            {
                var sum = matrix[i, j];
                for (var k = 0; k < j; k++)
                {
                    sum -= matrix[i, k] * matrix[j, k];
                }

                matrix[i, j] = i == j ? Math.Sqrt(sum) : sum / matrix[j, j];
            }
        }

        for (var i = 0; i < count; i++)
        {
            for (var k = 0; k < i; k++)
            {
                values[i] -= matrix[i, k] * values[k];
            }

            values[i] /= matrix[i, i];
        }

        for (var i = count - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < count; k++)
            {
                values[i] -= matrix[k, i] * values[k];
            }

            values[i] /= matrix[i, i];
        }

        return values;
    }
}
