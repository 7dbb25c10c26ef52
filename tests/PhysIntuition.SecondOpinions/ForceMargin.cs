using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions;

/// <summary>The margin of any contact graph: bisection over the question whether contact forces can hold it.</summary>
/// <remarks>
/// One question is a linear programme: forces at the corners of the moved support polygons, each a
/// combination of the edges of a friction pyramid with weights of at least 0, balance every body's weight
/// and moment. Whether they exist changes once from yes to no as the sides move inwards.
/// </remarks>
internal static class ForceMargin
{
    private const double Resolution = 1.0 / 1024;   // of the width: 0.4 mm of a block of 0.4 m
    private const int Directions = 4;               // edges of a friction pyramid

    /// <summary>The margin in [min, max]; min if not even that much widening helps.</summary>
    public static double Find(World world, OrientedBox[] boxes, List<Touch> touches, double min, double max)
    {
        var problem = new Problem(world, boxes, touches);
        if (!problem.CanStand(min))
        {
            return min;
        }

        var (stands, falls) = problem.CanStand(0) ? (0.0, max) : (min, 0.0);
        while (falls - stands > Resolution)
        {
            var middle = (stands + falls) / 2;
            (stands, falls) = problem.CanStand(middle) ? (middle, falls) : (stands, middle);
        }

        return stands;
    }

    private sealed class Problem
    {
        private readonly World _world;
        private readonly OrientedBox[] _boxes;
        private readonly List<(Touch Touch, SupportPolygon Polygon, double Friction)> _contacts = [];
        private readonly int[] _rows;           // first of six equations of each body, -1 of bodies that do not move
        private readonly int _rowCount;
        private readonly double _weight, _size;   // N and m: scale the equations to numbers near 1

        public Problem(World world, OrientedBox[] boxes, List<Touch> touches)
        {
            (_world, _boxes, _rows) = (world, boxes, new int[boxes.Length]);
            for (var i = 0; i < boxes.Length; i++)
            {
                var isDynamic = world.Bodies[i].Motion == Motion.Dynamic;
                _rows[i] = isDynamic ? _rowCount : -1;
                _rowCount += isDynamic ? 6 : 0;
                _weight += isDynamic ? world.Bodies[i].Mass : 0;
                _size = Math.Max(_size, boxes[i].Half.Length);
            }

            foreach (var touch in touches)
            {
                var polygon = new SupportPolygon(touch.Points, touch.Normal, boxes[touch.Upper]);
                _contacts.Add((touch, polygon, FrictionOf(touch)));
            }
        }

        public bool CanStand(double inset)
        {
            var columns = new List<(int Upper, int Lower, Double3 Point, Double3 Force)>();
            var corners = new List<Double3>();
            foreach (var (touch, polygon, friction) in _contacts)
            {
                polygon.Inset(inset, corners);
                foreach (var corner in corners)
                {
                    for (var k = 0; k < Directions; k++)
                    {
                        var sideways = (k < 2 ? polygon.U : polygon.V) * (k % 2 == 0 ? friction : -friction);
                        columns.Add((touch.Upper, touch.Lower, corner, touch.Normal + sideways));
                    }
                }
            }

            var simplex = new Simplex(_rowCount, columns.Count);
            for (var c = 0; c < columns.Count; c++)
            {
                var (upper, lower, point, force) = columns[c];
                AddForce(simplex, c, upper, point, force);
                AddForce(simplex, c, lower, point, -force);
            }

            for (var i = 0; i < _rows.Length; i++)
            {
                if (_rows[i] >= 0)
                {
                    simplex.RightSide(_rows[i] + 1, _world.Bodies[i].Mass / _weight);
                }
            }

            return simplex.IsFeasible();
        }

        private void AddForce(Simplex simplex, int column, int body, Double3 point, Double3 force)
        {
            if (body == Contact.Ground || _rows[body] < 0)
            {
                return;
            }

            var moment = Double3.Cross(point - _boxes[body].Center, force) * (1 / _size);
            ReadOnlySpan<double> entries = [force.X, force.Y, force.Z, moment.X, moment.Y, moment.Z];
            for (var k = 0; k < entries.Length; k++)
            {
                simplex.Entry(_rows[body] + k, column, entries[k]);
            }
        }

        private double FrictionOf(Touch touch)
        {
            var lower = touch.Lower == Contact.Ground
                ? _world.GroundFriction
                : _world.Bodies[touch.Lower].Friction;
            return Math.Sqrt((double)_world.Bodies[touch.Upper].Friction * lower);
        }
    }
}
