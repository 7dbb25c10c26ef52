namespace PhysIntuition.Rendering.Stages.Preparation;

/// <summary>Finds which blocks may throw a shadow on which others, or take sky from them.</summary>
/// <remarks>Only time depends on it: a pair too many changes no byte.</remarks>
internal static unsafe class PairPreparation
{
    private const float Margin = 0.02f;   // units: above the sharpest penumbra's own width and rounding

    /// <summary>Fills the sets of every block; all blocks are ready.</summary>
    public static void Run(SceneRecord* scene)
    {
        var blocks = (BlockRecord*)(scene + 1);
        for (var i = 0; i < scene->Blocks; i++)
        {
            blocks[i].ShadedBy = 0;
            blocks[i].DarkenedBy = 0;
            for (var j = 0; j < scene->Blocks; j++)
            {
                if (i == j)
                {
                    continue;
                }

                blocks[i].ShadedBy |= MayShade(scene, blocks + j, blocks + i) ? 1ul << j : 0;
                blocks[i].DarkenedBy |= MayDarken(scene, blocks + j, blocks + i) ? 1ul << j : 0;
            }
        }
    }

    /// <summary>Enters every block in every set.</summary>
    public static void TakeAll(SceneRecord* scene)
    {
        var blocks = (BlockRecord*)(scene + 1);
        var all = default(TileSets);
        all.TakeAllBlocks(scene);
        for (var i = 0; i < scene->Blocks; i++)
        {
            blocks[i].ShadedBy = all.Shades;
            blocks[i].DarkenedBy = all.Darkens;
        }
    }

    // Outside where all of the receiver lies beyond one side of the strips that bound the shadow along the sun.
    private static bool MayShade(SceneRecord* scene, BlockRecord* caster, BlockRecord* receiver)
    {
        var farthest = caster->SunFar - receiver->SunNear;
        if (scene->ShadowDepth <= 0f || farthest < -Margin)
        {
            return false;
        }

        var spread = (farthest * scene->SunRadius) + FootOf(&scene->View, receiver) + (2f * Margin);
        SunSlab* slab = &caster->Slab0;
        float* perGradient = &caster->Scale01;
        for (var pair = 0; pair < 3; pair++)
        {
            SunSlab* a = pair == 2 ? slab + 1 : slab, b = pair == 0 ? slab + 1 : slab + 2;
            var gradient = Triple.Of(a->X - b->X, a->Y - b->Y, a->Z - b->Z);
            var middle = Triple.Dot(gradient, receiver->Center) + a->Offset - b->Offset;
            var width = a->Half + b->Half + (spread / perGradient[pair]);
            if (MathF.Abs(middle) > width + ExtentAlong(receiver, gradient))
            {
                return false;
            }
        }

        return true;
    }

    private static bool MayDarken(SceneRecord* scene, BlockRecord* caster, BlockRecord* receiver)
    {
        const float reach = PixelKernel<Simulation.Lanes.Lane1>.OcclusionReach + Margin;
        var between = Triple.Difference(receiver->Center, caster->Center);
        var squared = 0f;
        for (var axis = 0; axis < 3; axis++)
        {
            var direction = (&caster->AxisU)[axis];
            var gap = MathF.Abs(Triple.Dot(direction, between)) - (&caster->Half.X)[axis]
                - ExtentAlong(receiver, direction);
            squared += gap > 0f ? gap * gap : 0f;
        }

        return scene->OcclusionDepth > 0f && squared < reach * reach;
    }

    private static float ExtentAlong(BlockRecord* block, Triple direction) =>
        (MathF.Abs(Triple.Dot(block->AxisU, direction)) * block->Half.X)
        + (MathF.Abs(Triple.Dot(block->AxisV, direction)) * block->Half.Y)
        + (MathF.Abs(Triple.Dot(block->AxisW, direction)) * block->Half.Z);

    // Width of a pixel at the block's far end: the sharpest penumbra is 0.7 pixels.
    private static float FootOf(ViewRecord* view, BlockRecord* block)
    {
        var depth = Triple.Dot(Triple.Difference(block->Center, view->Eye), view->Forward);
        return view->Pixel * (MathF.Abs(depth) + ExtentAlong(block, view->Forward));
    }
}
