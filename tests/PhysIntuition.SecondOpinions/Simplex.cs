using System.Numerics;
using System.Runtime.InteropServices;

namespace PhysIntuition.SecondOpinions;

/// <summary>Decides whether A x = b has a solution with every x at least 0: phase one of the simplex method.</summary>
/// <remarks>
/// Dense and deterministic: largest reduced cost first, ties to the lower index, and b perturbed by fixed
/// amounts far below the tolerance, so that the many equations with b = 0 do not make it cycle. Wide
/// arithmetic works on one column per lane without sums across lanes, so its bits do not depend on the width.
/// </remarks>
internal sealed class Simplex
{
    private const double Tolerance = 1e-6;       // of the total weight that may stay unbalanced
    private const double Perturbation = 1e-10;   // per row: 384 rows of it stay under the tolerance
    private const double Pivot = 1e-9;           // smaller entries are rounding

    private readonly int _rows, _columns, _stride;
    private readonly double[] _table;    // [row, column]; the last column is b, the last row the reduced costs
    private readonly bool[] _isBasic;
    private readonly int[] _basis;       // which column is basic in a row; _columns stands for the artificial one

    /// <summary>All entries start at 0.</summary>
    public Simplex(int rows, int columns)
    {
        (_rows, _columns) = (rows, columns);
        _stride = (columns + 1 + Vector<double>.Count - 1) / Vector<double>.Count * Vector<double>.Count;
        _table = new double[(rows + 1) * _stride];
        _basis = new int[rows];
        _isBasic = new bool[columns];
        Array.Fill(_basis, columns);
    }

    /// <summary>Adds to A[row, column].</summary>
    public void Entry(int row, int column, double value) => _table[(row * _stride) + column] += value;

    /// <summary>Sets b[row], at least 0.</summary>
    public void RightSide(int row, double value) => _table[(row * _stride) + _columns] = value;

    /// <summary>Runs the method once; the table is used up.</summary>
    public bool IsFeasible()
    {
        for (var row = 0; row < _rows; row++)
        {
            _table[(row * _stride) + _columns] += Perturbation * (1 + (row % 7));
            Combine(Row(_rows), Row(row), -1);   // cost of artificial column: 1, priced out at once
        }

        // Each pivot lowers the unbalanced sum; the cap only guards against a rounding loop.
        for (var pivots = 0; pivots < 50 * (_rows + 10); pivots++)
        {
            var unbalanced = -Row(_rows)[_columns];
            var column = Entering();
            if (unbalanced <= Tolerance || column < 0)
            {
                return unbalanced <= Tolerance;
            }

            var row = Leaving(column);
            if (row < 0)
            {
                return false;
            }

            Exchange(row, column);
        }

        return -Row(_rows)[_columns] <= Tolerance;
    }

    private Span<double> Row(int row) => _table.AsSpan(row * _stride, _stride);

    private int Entering()
    {
        var costs = Row(_rows);
        var (best, min) = (-1, -Pivot);
        for (var column = 0; column < _columns; column++)
        {
            if (costs[column] < min && !_isBasic[column])
            {
                (best, min) = (column, costs[column]);
            }
        }

        return best;
    }

    private int Leaving(int column)
    {
        var (best, min) = (-1, double.PositiveInfinity);
        for (var row = 0; row < _rows; row++)
        {
            var entry = _table[(row * _stride) + column];
            var ratio = entry > Pivot ? _table[(row * _stride) + _columns] / entry : double.PositiveInfinity;
            if (ratio < min)
            {
                (best, min) = (row, ratio);
            }
        }

        return best;
    }

    private void Exchange(int row, int column)
    {
        if (_basis[row] < _columns)
        {
            _isBasic[_basis[row]] = false;
        }

        (_basis[row], _isBasic[column]) = (column, true);
        var pivot = Row(row);
        var scale = 1 / pivot[column];
        foreach (ref var entry in pivot)
        {
            entry *= scale;
        }

        for (var other = 0; other <= _rows; other++)
        {
            var factor = _table[(other * _stride) + column];
            if (other != row && factor != 0)
            {
                Combine(Row(other), pivot, -factor);
            }
        }
    }

    // target += factor * source, lane by lane.
    private static void Combine(Span<double> target, ReadOnlySpan<double> source, double factor)
    {
        var wide = MemoryMarshal.Cast<double, Vector<double>>(target);
        var from = MemoryMarshal.Cast<double, Vector<double>>(source);
        for (var k = 0; k < wide.Length; k++)
        {
            wide[k] += from[k] * factor;
        }
    }
}
