namespace PhysIntuition.Environments.Staging;

/// <summary>Arranges pyramids: rows of like blocks with gaps, each row shifted as a whole and block by block.</summary>
internal static class Pyramids
{
    private const float LeastContact = 0.08f;   // of a block's width: less does not look like support
    private const float Nudge = 0.001f;         // m

    /// <summary>How the rows are filled: the same for all candidates of a seed, so that counts tell nothing.</summary>
    /// <param name="Rows">Number of rows.</param>
    /// <param name="First">Blocks of the lowest row; each row above has one less, at least one.</param>
    /// <param name="Width">Of a block, m.</param>
    /// <param name="Height">Of a block, m.</param>
    /// <param name="Gap">Between neighbours, over the width.</param>
    public readonly record struct Plan(int Rows, int First, float Width, float Height, float Gap)
    {
        /// <summary>Blocks in a row.</summary>
        public int CountOf(int row) => Math.Max(1, First - row);

        /// <summary>Blocks in all.</summary>
        public int Count
        {
            get
            {
                var sum = 0;
                for (var row = 0; row < Rows; row++)
                {
                    sum += CountOf(row);
                }

                return sum;
            }
        }
    }

    /// <summary>Draws a plan.</summary>
    public static Plan Draw(PyramidOptions options, ref RandomStream random)
    {
        var rows = random.NextInt(options.Rows.Min, options.Rows.Max + 1);
        var first = rows + random.NextInt(0, 2);
        var width = Scenery.Draw(options.BlockWidth, ref random);

        return new(rows, first, width, width * Scenery.Draw(options.BlockHeight, ref random),
            Scenery.Draw(options.Gap, ref random));
    }

    /// <summary>Adds the blocks to an episode, lowest row first, left to right.</summary>
    /// <param name="draft">Whose episode.</param>
    /// <param name="plan">How the rows are filled.</param>
    /// <param name="spread">How far rows are shifted: 1 reaches to where the end blocks lose their hold.</param>
    /// <param name="random">Where shifts come from.</param>
    /// <returns>Whether every block has something visible below it.</returns>
    public static bool TryAdd(SceneBuilder draft, in Plan plan, float spread, ref RandomStream random)
    {
        var (world, density) = (draft.Episode.World, Scenery.SetPhysics(draft));
        var half = new Vector3(plan.Width / 2, plan.Height / 2, plan.Width / 2);
        var pitch = plan.Width * (1 + plan.Gap);
        var (below, belowCount) = (0, 0);
        for (var row = 0; row < plan.Rows; row++)
        {
            var count = plan.CountOf(row);
            var shift = row == 0 ? 0 : spread * (pitch + plan.Width) / 2 * random.NextFloat(-1f, 1f);
            var start = world.Bodies.Count;
            for (var i = 0; i < count; i++)
            {
                var jitter = plan.Width * plan.Gap * random.NextFloat(-0.45f, 0.45f);
                var x = ((i - ((count - 1) / 2f)) * pitch) + shift + jitter;
                world.Bodies.Add(Scenery.Cuboid(world, new(x, plan.Height * (row + 0.5f), 0f), half, density));
                if (row > 0 && !HasSupport(world, x, plan.Width, below, belowCount))
                {
                    return false;
                }
            }

            (below, belowCount) = (start, count);
        }

        return true;
    }

    /// <summary>Copies a pyramid and shifts its upper rows by a little.</summary>
    /// <param name="world">Stays as it is.</param>
    /// <param name="shifted">Becomes the copy.</param>
    /// <param name="plan">How the rows are filled.</param>
    /// <param name="random">Where the row and the shift come from.</param>
    /// <returns>Whether every block still has something visible below it.</returns>
    public static bool TryShift(World world, World shifted, in Plan plan, ref RandomStream random)
    {
        const float least = 0.12f, most = 0.35f;   // of a block's width
        shifted.CopyFrom(world);
        var from = random.NextInt(1, plan.Rows);
        var distance = (random.NextInt(0, 2) == 0 ? -1 : 1) * plan.Width * random.NextFloat(least, most);
        var (start, below, belowCount) = (0, 0, 0);
        for (var row = 0; row < plan.Rows; row++)
        {
            var count = plan.CountOf(row);
            for (var i = start; row >= from && i < start + count; i++)
            {
                ref var body = ref Scenery.At(shifted, i);
                body.Position += new Vector3(distance, 0f, 0f);
                if (!HasSupport(shifted, body.Position.X, plan.Width, below, belowCount))
                {
                    return false;
                }
            }

            (below, belowCount, start) = (start, count, start + count);
        }

        return true;
    }

    /// <summary>Looks and view of a pyramid; the view depends on the plan alone.</summary>
    public static void Show(SceneBuilder draft, in Plan plan, int red)
    {
        Scenery.Paint(draft, red);
        Scenery.SetView(draft, halfWidth: plan.Width * (1 + plan.Gap) * (plan.First + 0.8) / 2,
            plan.Height * plan.Rows, depth: plan.Width / 2);
    }

    /// <summary>Moves every block by up to 1 mm sideways.</summary>
    public static void NudgeAll(World world, ref RandomStream random)
    {
        for (var i = 0; i < world.Bodies.Count; i++)
        {
            Scenery.At(world, i).Position += new Vector3(random.NextInt(0, 2) == 0 ? -Nudge : Nudge, 0f, 0f);
        }
    }

    private static bool HasSupport(World world, float x, float width, int below, int count)
    {
        for (var k = below; k < below + count; k++)
        {
            if (MathF.Abs(world.Bodies[k].Position.X - x) < width * (1 - LeastContact))
            {
                return true;
            }
        }

        return false;
    }
}
