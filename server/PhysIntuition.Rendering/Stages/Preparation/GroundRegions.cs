namespace PhysIntuition.Rendering.Stages.Preparation;

/// <summary>Finds where on the picture the ground may lie in a block's shadow, or lose sky to it.</summary>
/// <remarks>
/// On the ground p = eye + ray / u, with u the ground's inverse depth. A side g.p + k &lt;= w of a region in space
/// becomes (w - k - g.eye) u - g.ray >= 0 on the picture, which is linear in x and y.
/// </remarks>
internal static unsafe class GroundRegions
{
    private const float Margin = 0.02f;   // units: above the sharpest penumbra's own width and rounding

    /// <summary>Fills both regions; the block's slabs and the scene's floor are ready.</summary>
    public static void Find(SceneRecord* scene, BlockRecord* block)
    {
        FindShadow(scene, block);
        FindApron(scene, block);
    }

    private static void FindShadow(SceneRecord* scene, BlockRecord* block)
    {
        SunSlab* slab = &block->Slab0;
        float* perGradient = &block->Scale01;
        var side = &block->Shadow0;
        var far = FarthestThrow(scene, block);
        var spread = (far * scene->SunRadius) + FootOf(scene, block, far) + Margin;
        for (var pair = 0; pair < 3; pair++, side += 2)
        {
            SunSlab* a = pair == 2 ? slab + 1 : slab, b = pair == 0 ? slab + 1 : slab + 2;
            var gradient = Triple.Of(a->X - b->X, a->Y - b->Y, a->Z - b->Z);
            var offset = a->Offset - b->Offset;
            var width = a->Half + b->Half + (spread / perGradient[pair]);
            side[0] = Side(scene, gradient, offset, width);
            side[1] = Side(scene, Triple.Scaled(gradient, -1f), -offset, width);
        }
    }

    /// <summary>The longest way down the beam, units, at which anything of the block's penumbra can lie.</summary>
    /// <remarks>
    /// A point q lies T = far + q.(up / sin(e) - sun) above its throw on the ground, with e the sun's elevation and far
    /// the block's end towards the sun. The corners of the block, grown on all sides by the widest penumbra,
    /// T r + foot(T), have the largest T, which then stands on both sides of a linear equation.
    /// </remarks>
    public static float FarthestThrow(SceneRecord* scene, BlockRecord* block)
    {
        const float anywhere = 1e6f;   // units
        var slant = Triple.Of(-scene->Sun.X, (1f / scene->Sun.Y) - scene->Sun.Y, -scene->Sun.Z);
        float u = MathF.Abs(Triple.Dot(block->AxisU, slant)), v = MathF.Abs(Triple.Dot(block->AxisV, slant));
        float w = MathF.Abs(Triple.Dot(block->AxisW, slant)), perGrowth = u + v + w;
        var pixel = scene->View.Pixel;
        var rest = 1f - ((scene->SunRadius + (pixel * (1f + scene->SunRadius))) * perGrowth);
        var way = block->SunFar - (scene->Lowest / scene->Sun.Y) + Triple.Dot(block->Center, slant)
            + (u * block->Half.X) + (v * block->Half.Y) + (w * block->Half.Z)
            + ((Margin + (pixel * FarthestDepth(scene, block, 0f))) * perGrowth);
        var least = block->SunFar - block->SunNear;
        return rest < 0.1f ? anywhere : (way > least ? way : least) / rest;
    }

    /// <summary>Width of a pixel at the far end of the shadow: the sharpest penumbra is 0.7 pixels.</summary>
    public static float FootOf(SceneRecord* scene, BlockRecord* block, float far) =>
        scene->View.Pixel * FarthestDepth(scene, block, far);

    /// <summary>Depth, units, beyond which nothing of the block and of its shadow lies.</summary>
    public static float FarthestDepth(SceneRecord* scene, BlockRecord* block, float far)
    {
        var depth = Triple.Dot(Triple.Difference(block->Center, scene->View.Eye), scene->View.Forward);
        var size = block->Half.X + block->Half.Y + block->Half.Z;
        return MathF.Abs(depth) + size + (far * (1f + scene->SunRadius));
    }

    private static void FindApron(SceneRecord* scene, BlockRecord* block)
    {
        const float reach = PixelKernel<Simulation.Lanes.Lane1>.OcclusionReach + Margin;
        var side = &block->Apron0;
        for (var axis = 0; axis < 3; axis++, side += 2)
        {
            var direction = (&block->AxisU)[axis];
            var offset = -Triple.Dot(direction, block->Center);
            var width = (&block->Half.X)[axis] + reach;
            side[0] = Side(scene, direction, offset, width);
            side[1] = Side(scene, Triple.Scaled(direction, -1f), -offset, width);
        }
    }

    // At least 0 where gradient.p + offset <= width on the ground.
    private static Linear Side(SceneRecord* scene, Triple gradient, float offset, float width)
    {
        var view = &scene->View;
        var gap = width - offset - Triple.Dot(gradient, view->Eye);
        Linear line;
        line.Base = (gap * scene->Floor.Base) - Triple.Dot(gradient, view->Ray);
        line.X = (gap * scene->Floor.X) - Triple.Dot(gradient, view->RayX);
        line.Y = (gap * scene->Floor.Y) - Triple.Dot(gradient, view->RayY);
        return line;
    }
}
