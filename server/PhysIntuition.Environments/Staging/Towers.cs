namespace PhysIntuition.Environments.Staging;

/// <summary>Arranges towers: columns of blocks with a wanted static margin.</summary>
internal static class Towers
{
    /// <summary>Scenes closer to another outcome than this share of a block's width are not asked about.</summary>
    public const double LeastMargin = 0.02;

    /// <summary>Above this margin a nudge of 1 mm provably changes nothing, and is not simulated.</summary>
    public const double SafeMargin = 0.05;

    [ThreadStatic]
    private static Column? t_column;

    /// <summary>A column to work on; valid until the next call on this thread.</summary>
    public static Column Rent(int count)
    {
        var column = t_column ??= new Column();
        column.Count = count;

        return column;
    }

    /// <summary>The first bodies of a world as a column, lowest first; valid until the next call on this
    /// thread.</summary>
    public static Column Of(Simulation.Bodies.World world, int count)
    {
        var column = Rent(count);
        for (var k = 0; k < count; k++)
        {
            column.X[k] = world.Bodies[k].Position.X;
            column.Widths[k] = 2.0 * world.Bodies[k].HalfExtents.X;
            column.Heights[k] = 2.0 * world.Bodies[k].HalfExtents.Y;
        }

        return column;
    }

    /// <summary>Draws a margin's size within the wanted difficulty.</summary>
    public static double DrawMargin(Difficulty difficulty, ref RandomStream random)
    {
        var bin = random.NextInt(0, 3);
        var (min, max) = (difficulty, bin) switch
        {
            (Difficulty.Easy, _) or (Difficulty.Any, 0) => (0.16, 0.30),
            (Difficulty.Medium, _) or (Difficulty.Any, 1) => (0.08, 0.16),
            _ => (LeastMargin, 0.08),
        };

        return min + ((max - min) * random.NextFloat());
    }

    /// <summary>Draws sizes and a random walk of shifts.</summary>
    public static void DrawBlocks(Column column, ColumnOptions options, ref RandomStream random)
    {
        var x = 0.0;
        for (var k = 0; k < column.Count; k++)
        {
            column.Widths[k] = Scenery.Draw(options.BlockWidth, ref random);
            column.Heights[k] = column.Widths[k] * Scenery.Draw(options.BlockHeight, ref random);
            x += k == 0 ? 0 : (2.0 * random.NextFloat()) - 1;
            column.X[k] = x;
        }
    }

    /// <summary>Adds a column's blocks to an episode, lowest first, resting on the ground.</summary>
    public static void Add(Column column, Episode episode, float density)
    {
        var y = 0.0;
        for (var k = 0; k < column.Count; k++)
        {
            var half = new Vector3((float)(column.Widths[k] / 2), (float)(column.Heights[k] / 2),
                (float)(column.Widths[k] / 2));
            var centre = new Vector3((float)column.X[k], (float)(y + (column.Heights[k] / 2)), 0f);
            episode.World.Bodies.Add(Scenery.Cuboid(episode.World, centre, half, density));
            y += column.Heights[k];
        }
    }

    /// <summary>The lowest block's height, m: what a fall is measured in.</summary>
    public static float LowestHeight(Simulation.Bodies.World world)
    {
        var lowest = float.PositiveInfinity;
        foreach (var body in world.Bodies)
        {
            lowest = Math.Min(lowest, 2f * body.HalfExtents.Y);
        }

        return lowest;
    }

    /// <summary>Moves the upper part of a tower sideways, above its weakest contact.</summary>
    /// <param name="world">Bodies 0 to count - 1 are the tower, lowest first.</param>
    /// <param name="above">Bodies above this index move.</param>
    /// <param name="count">Blocks in the tower.</param>
    /// <param name="distance">m along x.</param>
    public static void Shift(Simulation.Bodies.World world, int above, int count, float distance)
    {
        for (var k = above + 1; k < count; k++)
        {
            Scenery.At(world, k).Position += new Vector3(distance, 0f, 0f);
        }
    }
}
