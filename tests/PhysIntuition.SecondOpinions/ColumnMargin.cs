using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions;

/// <summary>The exact margin where every body rests on exactly one other.</summary>
/// <remarks>
/// Such a structure is statically determinate: each contact carries the weight of everything above it, and
/// carries it if and only if the centre of mass of that part lies above the contact area.
/// </remarks>
internal static class ColumnMargin
{
    // Cosine of 0.8 degrees: settled blocks tilt by less, and a level force needs no friction.
    private const double Level = 0.9999;

    /// <summary>The margin and the upper body of the weakest contact; false if a body has several supports.</summary>
    public static bool TryFind(
        World world, OrientedBox[] boxes, List<Touch> touches, out double margin, out int weakest)
    {
        (margin, weakest) = (double.PositiveInfinity, -1);
        if (!TryFindSupports(world, touches, out var supports))
        {
            return false;
        }

        var (mass, moment) = SumUpwards(world, boxes, touches, supports);
        for (var i = 0; i < boxes.Length; i++)
        {
            if (supports[i] < 0)
            {
                continue;
            }

            var touch = touches[supports[i]];
            var polygon = new SupportPolygon(touch.Points, touch.Normal, boxes[i]);
            var here = polygon.Margin(moment[i] * (1 / mass[i]));
            (margin, weakest) = here < margin ? (here, i) : (margin, weakest);
        }

        return true;
    }

    // supports[i] is the one contact below dynamic body i, -1 for other bodies.
    private static bool TryFindSupports(World world, List<Touch> touches, out int[] supports)
    {
        supports = new int[world.Bodies.Count];
        Array.Fill(supports, -1);
        for (var k = 0; k < touches.Count; k++)
        {
            var touch = touches[k];
            var isDynamic = world.Bodies[touch.Upper].Motion == Motion.Dynamic;
            if (!isDynamic || supports[touch.Upper] >= 0 || touch.Normal.Y < Level)
            {
                return false;
            }

            supports[touch.Upper] = k;
        }

        for (var i = 0; i < supports.Length; i++)
        {
            if (world.Bodies[i].Motion == Motion.Dynamic && supports[i] < 0)
            {
                return false;
            }
        }

        return true;
    }

    // Mass of everything that rests on body i, itself included, and its first moment.
    private static (double[] Mass, Double3[] Moment) SumUpwards(
        World world, OrientedBox[] boxes, List<Touch> touches, int[] supports)
    {
        var mass = new double[boxes.Length];
        var moment = new Double3[boxes.Length];
        for (var i = 0; i < boxes.Length; i++)
        {
            var own = (double)world.Bodies[i].Mass;
            var below = supports[i] < 0 ? Contact.Ground : i;
            for (var depth = 0; below != Contact.Ground && supports[below] >= 0 && depth < boxes.Length; depth++)
            {
                mass[below] += own;
                moment[below] += boxes[i].Center * own;
                below = touches[supports[below]].Lower;
            }
        }

        return (mass, moment);
    }
}
