using static TorchSharp.torch;

namespace PhysIntuition.Trainer;

/// <summary>Ridge regression in its dual form: cheap where there are more features than examples.</summary>
internal sealed class Ridge
{
    private static readonly double[] s_strengths = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10];   // shares of the mean eigenvalue

    private readonly double[] _means, _scales, _weights;
    private readonly double _offset;

    private Ridge(float[][] examples, double[] targets, double strength)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var x = tensor([.. examples.SelectMany(example => example)], [examples.Length, examples[0].Length])
            .to(ScalarType.Float64);                                        // [example, feature]
        var means = x.mean([0L]);
        var spread = (x - means).square().mean([0L]).sqrt();
        var isConstant = spread.le(means.abs().Times(1e-12));                    // but for the mean's own rounding
        var scales = where(isConstant, 0.0, spread);
        var rows = where(isConstant, 0.0, (x - means) / spread);
        var kernel = rows.mm(rows.t());                                     // [example, example]
        var ridge = kernel.trace().Times(strength / examples.Length).Within(1e-9, double.PositiveInfinity);
        _offset = targets.Average();
        var dual = linalg.solve(kernel.Plus(eye(examples.Length, dtype: ScalarType.Float64) * ridge),
            tensor(targets).Plus(-_offset));
        (_means, _scales, _weights) = (Numbers(means), Numbers(scales), Numbers(rows.t().mv(dual)));
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
    public double Predict(float[] features)
    {
        var sum = _offset;
        for (var k = 0; k < features.Length; k++)
        {
            sum += _scales[k] == 0 ? 0 : (features[k] - _means[k]) / _scales[k] * _weights[k];
        }

        return sum;
    }

    /// <summary>Share of the variance that predictions explain; below 0 they are worse than the mean.</summary>
    public static double Score(Ridge model, float[][] examples, double[] targets)
    {
        var mean = targets.Average();
        var total = targets.Sum(target => (target - mean) * (target - mean));
        var left = examples.Zip(targets, (example, target) => Math.Pow(target - model.Predict(example), 2)).Sum();
        return total == 0 ? 0 : 1 - (left / total);
    }

    private static double[] Numbers(Tensor tensor) => tensor.data<double>().ToArray();
}
