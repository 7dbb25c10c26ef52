namespace PhysIntuition.Environments.Staging;

/// <summary>Arranges blocks in short stacks side by side, each block's front in view.</summary>
/// <remarks>
/// Stacks stand in slots along x, some nearer than others. In a stack no block is wider than the one below, so that
/// from above none hides another; and stacks stand nearer or farther by no more than what leaves three quarters of
/// each front in view, from where the options' cameras look. The view depends on the options alone, never on how many
/// blocks there are or where.
/// </remarks>
internal static class Heaps
{
    private const int MaxHigh = 4;           // blocks in a stack
    private const double Pitch = 1.6;        // from slot to slot, over the widest block
    private const double Jitter = 0.05;      // of a stack from its slot, and
    private const double Shift = 0.05;       // of a block from the one below, over the widest and its own width
    private const double Hidden = 0.25;      // of a front's width, at most
    private const double MostDepth = 0.5;    // m nearer or farther than the middle
    private const double MostTurn = 80;      // degrees between a line of sight and the stacks' normal

    /// <summary>Adds blocks, stack by stack from the left, lowest first; looks, camera and light.</summary>
    /// <param name="draft">Whose episode.</param>
    /// <param name="options">Sizes and the largest number of blocks.</param>
    /// <param name="count">Blocks.</param>
    public static void Add(SceneBuilder draft, HeapOptions options, int count)
    {
        var slots = Math.Max(options.LeastStacks, (options.Count.Max + MaxHigh - 1) / MaxHigh);
        double widest = options.BlockWidth.Max, depth = DepthOf(options);
        Span<int> heights = stackalloc int[slots];
        var random = draft.Fresh(SeedUse.Geometry);
        for (var i = 0; i < count; i++)
        {
            var slot = random.NextInt(0, slots);
            while (heights[slot] == MaxHigh)
            {
                slot = (slot + 1) % slots;
            }

            heights[slot]++;
        }

        var density = Scenery.SetPhysics(draft);
        for (var slot = 0; slot < slots; slot++)
        {
            var x = ((slot - ((slots - 1) / 2.0)) * Pitch * widest) + (Signed(ref random) * Jitter * widest);
            AddStack(draft, options, new((float)x, 0f, (float)(Signed(ref random) * depth)), heights[slot], density,
                ref random);
        }

        Scenery.Paint(draft);
        var reach = ((slots - 1) * Pitch / 2) + 0.5 + Jitter + ((MaxHigh - 1) * Shift);
        Scenery.SetView(draft, halfWidth: reach * widest,
            height: MaxHigh * widest * options.BlockHeight.Max, depth: depth + (widest / 2));
    }

    private static void AddStack(
        SceneBuilder draft, HeapOptions options, Vector3 foot, int count, float density, ref RandomStream random)
    {
        Span<float> widths = stackalloc float[count];
        foreach (ref var width in widths)
        {
            width = Scenery.Draw(options.BlockWidth, ref random);
        }

        widths.Sort();
        widths.Reverse();
        var world = draft.Episode.World;
        foreach (var width in widths)
        {
            var height = width * Scenery.Draw(options.BlockHeight, ref random);
            world.Bodies.Add(Scenery.Cuboid(
                world, foot + new Vector3(0f, height / 2, 0f), new(width / 2, height / 2, width / 2), density));
            foot += new Vector3((float)(Signed(ref random) * Shift) * width, height, 0f);
        }
    }

    // A stack that stands nearer by d hides d tan(turn) of what lies beside it, less the space between the two.
    private static double DepthOf(HeapOptions options)
    {
        var camera = options.Camera;
        var turn = Angles.FromDegrees(Math.Min(MostTurn,
            Math.Max(Math.Abs(camera.Azimuth.Min), Math.Abs(camera.Azimuth.Max)) + (camera.FieldOfView.Max / 2)));
        var space = Pitch - 1 - (2 * Jitter) - (2 * (MaxHigh - 1) * Shift);
        var reach = (space + Hidden) * options.BlockWidth.Max * Angles.Cos(turn) / (2 * Angles.Sin(turn));

        return Math.Min(MostDepth, reach);
    }

    private static double Signed(ref RandomStream random) => (2.0 * random.NextFloat()) - 1;
}
