namespace PhysIntuition.Environments.Checks;

/// <summary>What a linear model can tell of a yes or no from some numbers.</summary>
/// <remarks>Ridge regression of the label over one half of the episodes, then accuracy on the other half.</remarks>
internal static class LinearProbe
{
    private const double Ridge = 1e-3;   // keeps constant features from dividing by zero

    /// <summary>Fits on the first half and counts right answers on the second.</summary>
    /// <param name="rows">double[episodes][features]; standardised in place.</param>
    /// <param name="labels">double[episodes], 1 or -1.</param>
    public static (int Right, int Tested) Test(double[][] rows, double[] labels)
    {
        Standardise(rows);
        var (half, right) = (rows.Length / 2, 0);
        var weights = Fit(rows.AsSpan(0, half), labels);
        for (var i = half; i < rows.Length; i++)
        {
            right += Dot(weights, rows[i]) * labels[i] > 0 ? 1 : 0;
        }

        return (right, rows.Length - half);
    }

    // Mean 0 and spread 1 over all episodes; then a column of ones for the offset.
    private static void Standardise(double[][] rows)
    {
        for (var f = 0; f < rows[0].Length; f++)
        {
            var mean = rows.Average(row => row[f]);
            var spread = Math.Sqrt(rows.Average(row => (row[f] - mean) * (row[f] - mean))) + 1e-9;
            foreach (var row in rows)
            {
                row[f] = (row[f] - mean) / spread;
            }
        }

        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = [1, .. rows[i]];
        }
    }

    // Normal equations, solved by Gaussian elimination; the ridge makes the matrix positive definite.
    private static double[] Fit(ReadOnlySpan<double[]> rows, double[] labels)
    {
        var features = rows[0].Length;
        var a = new double[features, features + 1];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var r = 0; r < features; r++)
            {
                for (var c = 0; c < features; c++)
                {
                    a[r, c] += rows[i][r] * rows[i][c];
                }

                a[r, features] += rows[i][r] * labels[i];
            }
        }

        for (var p = 0; p < features; p++)
        {
            a[p, p] += Ridge * rows.Length;
            for (var r = 0; r < features; r++)
            {
                var factor = r == p ? 0 : a[r, p] / a[p, p];
                for (var c = p; c <= features && r != p; c++)
                {
                    a[r, c] -= factor * a[p, c];
                }
            }
        }

        return [.. Enumerable.Range(0, features).Select(r => a[r, features] / a[r, r])];
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
