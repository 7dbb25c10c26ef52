namespace PhysIntuition.Environments.Staging;

/// <summary>A single column of blocks in the plane x-y, lowest first, in double precision; reused.</summary>
internal sealed class Column
{
    /// <summary>Most blocks in one column.</summary>
    public const int MaxBlocks = 16;

    private readonly double[] _x = new double[MaxBlocks];
    private readonly double[] _width = new double[MaxBlocks];
    private readonly double[] _height = new double[MaxBlocks];

    /// <summary>Blocks in use.</summary>
    public int Count { get; set; }

    /// <summary>Centres along x, m; lowest first.</summary>
    public Span<double> X => _x.AsSpan(0, Count);

    /// <summary>Widths and depths, m.</summary>
    public Span<double> Widths => _width.AsSpan(0, Count);

    /// <summary>Heights, m.</summary>
    public Span<double> Heights => _height.AsSpan(0, Count);

    /// <summary>Top of the column, m.</summary>
    public double Height
    {
        get
        {
            var sum = 0.0;
            foreach (var height in Heights)
            {
                sum += height;
            }

            return sum;
        }
    }

    /// <summary>Static margin by the exact centre-of-mass criterion, over the width of the upper block.</summary>
    /// <remarks>
    /// What stands on block k turns about the nearer edge of the contact between k and k + 1; the margin is that
    /// edge's distance beyond the common centre of mass, and the column's margin is the least of all contacts.
    /// </remarks>
    /// <param name="weakest">Index of the lower block of the weakest contact.</param>
    /// <param name="direction">-1 or 1: the side on which the centre of mass is nearest to the edge.</param>
    public double Margin(out int weakest, out int direction)
    {
        var (least, mass, moment) = (double.PositiveInfinity, 0.0, 0.0);
        (weakest, direction) = (0, 1);
        for (var k = Count - 2; k >= 0; k--)
        {
            var own = _width[k + 1] * _width[k + 1] * _height[k + 1];
            mass += own;
            moment += own * _x[k + 1];
            var centre = moment / mass;
            var right = Math.Min(_x[k] + (_width[k] / 2), _x[k + 1] + (_width[k + 1] / 2)) - centre;
            var left = centre - Math.Max(_x[k] - (_width[k] / 2), _x[k + 1] - (_width[k + 1] / 2));
            var margin = Math.Min(left, right) / _width[k + 1];
            if (margin < least)
            {
                (least, weakest, direction) = (margin, k, right < left ? 1 : -1);
            }
        }

        return least;
    }

    /// <summary>Scales all shifts so that the margin becomes a wanted one.</summary>
    /// <remarks>
    /// The distance of a centre of mass from its block is proportional to the scale, so each contact gives one
    /// scale at which it has the wanted margin, and the smallest of them is the column's.
    /// </remarks>
    /// <param name="margin">Over the width of the upper block.</param>
    /// <param name="isExact">Whether to refuse a margin that the straight column lacks, where a wide block stands
    /// on a narrow one; else the column leans to the other side, by as much as it lacks.</param>
    /// <returns>Whether neighbours still overlap by enough to look stacked.</returns>
    public bool TryScaleTo(double margin, bool isExact = true)
    {
        var (scale, mass, moment) = (double.PositiveInfinity, 0.0, 0.0);
        for (var k = Count - 2; k >= 0; k--)
        {
            var own = _width[k + 1] * _width[k + 1] * _height[k + 1];
            mass += own;
            moment += own * _x[k + 1];
            var lever = Math.Abs((moment / mass) - _x[k]);
            scale = Math.Min(scale, ((_width[k] / 2) - (margin * _width[k + 1])) / Math.Max(lever, 1e-9));
            var ownLever = Math.Abs((moment / mass) - _x[k + 1]);
            scale = Math.Min(scale, _width[k + 1] * (0.5 - margin) / Math.Max(ownLever, 1e-9));
        }

        Stretch(scale);

        return (scale >= 0 || !isExact) && AreStacked();
    }

    /// <summary>Centre of mass along x of all blocks above one, m; all are of one material.</summary>
    public double CentreAbove(int lower)
    {
        var (mass, moment) = (0.0, 0.0);
        for (var k = lower + 1; k < Count; k++)
        {
            var own = _width[k] * _width[k] * _height[k];
            (mass, moment) = (mass + own, moment + (own * _x[k]));
        }

        return moment / mass;
    }

    /// <summary>How far that centre is inside the nearer edge of the contact on a block, m; negative beyond.</summary>
    public double MarginAt(int lower)
    {
        var (centre, x, half) = (CentreAbove(lower), _x[lower], _width[lower] / 2);
        var (upper, upperHalf) = (_x[lower + 1], _width[lower + 1] / 2);
        var (left, right) = (Math.Max(x - half, upper - upperHalf), Math.Min(x + half, upper + upperHalf));

        return Math.Min(right - centre, centre - left);
    }

    /// <summary>Multiplies all places along x.</summary>
    public void Stretch(double factor)
    {
        for (var k = 0; k < Count; k++)
        {
            _x[k] *= factor;
        }
    }

    /// <summary>Reflects the column left to right.</summary>
    public void Mirror() => Stretch(-1);

    /// <summary>Makes the shifts among the blocks below one smaller; those from it upwards keep their own.</summary>
    public void CalmBelow(int index, double factor)
    {
        var carried = _x[index - 1] * (factor - 1);
        for (var k = 0; k < Count; k++)
        {
            _x[k] = k < index ? _x[k] * factor : _x[k] + carried;
        }
    }

    /// <summary>Moves every block above one sideways, m.</summary>
    public void Shift(int above, double distance)
    {
        for (var k = above + 1; k < Count; k++)
        {
            _x[k] += distance;
        }
    }

    /// <summary>Whether neighbours overlap by enough to look stacked.</summary>
    public bool AreStacked()
    {
        const double mostShift = 0.85;   // of half the two widths together: neighbours touch on a seen area
        for (var k = 1; k < Count; k++)
        {
            if (Math.Abs(_x[k] - _x[k - 1]) > mostShift * (_width[k] + _width[k - 1]) / 2)
            {
                return false;
            }
        }

        return true;
    }
}
