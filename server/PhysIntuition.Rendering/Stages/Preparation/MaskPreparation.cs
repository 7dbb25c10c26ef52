namespace PhysIntuition.Rendering.Stages.Preparation;

/// <summary>Finds the tiles where a block may be seen, throw its shadow, or take sky.</summary>
internal static unsafe class MaskPreparation
{
    private const float Everywhere = 1e9f;        // pixels
    private const float NearestDepth = 0.05f;     // units; what comes closer to the eye may be seen anywhere
    private const float PenumbraMargin = 0.02f;   // units, above the sharpest penumbra's own width

    /// <summary>Empties all sets of the frame's rows and columns.</summary>
    public static void Clear(TileMasks* masks, int rows, int columns)
    {
        for (var kind = 0; kind < (int)TileMasks.Kind.Count; kind++)
        {
            for (var i = 0; i < rows; i++)
            {
                masks->Rows[(kind * SceneRecord.MaxTiles) + i] = 0;
            }

            for (var i = 0; i < columns; i++)
            {
                masks->Columns[(kind * SceneRecord.MaxTiles) + i] = 0;
            }
        }
    }

    /// <summary>Enters one block in all sets.</summary>
    public static void Enter(SceneRecord* scene, int index, BlockRecord* block, int rows, int columns)
    {
        Points room;
        var points = (Triple*)room.Values;
        Corners(block, 0f, points);
        Mark(scene, TileMasks.Kind.Seen, index, Bound(&scene->View, points, 8), rows, columns);
        var rise = (MathF.Abs(block->AxisU.Y) * block->Half.X) + (MathF.Abs(block->AxisV.Y) * block->Half.Y)
            + (MathF.Abs(block->AxisW.Y) * block->Half.Z);
        if (scene->ShadowDepth > 0f)
        {
            EnterShadow(scene, index, block, rows, columns);
        }

        if (scene->OcclusionDepth > 0f)
        {
            EnterOcclusion(scene, index, block, rise, rows, columns);
        }
    }

    // A shadow lies within the hull of the block and its throw, on the ground or on what is seen below it, both grown
    // by the widest penumbra.
    private static void EnterShadow(SceneRecord* scene, int index, BlockRecord* block, int rows, int columns)
    {
        Points room;
        var points = (Triple*)room.Values;
        var far = GroundRegions.FarthestThrow(scene, block);
        Corners(block, (far * scene->SunRadius) + GroundRegions.FootOf(scene, block, far) + PenumbraMargin, points + 8);
        for (var i = 0; i < 8; i++)
        {
            points[i] = Triple.Along(points[i + 8], scene->Sun, (scene->Lowest - points[i + 8].Y) / scene->Sun.Y);
        }

        // A wall is met between block and ground.
        var count = scene->HasWall != 0 ? 16 : 8;
        Mark(scene, TileMasks.Kind.Shades, index, Bound(&scene->View, points, count), rows, columns);
    }

    private static void EnterOcclusion(
        SceneRecord* scene, int index, BlockRecord* block, float rise, int rows, int columns)
    {
        const float reach = PixelKernel<Simulation.Lanes.Lane1>.OcclusionReach;
        if (scene->HasWall == 0 && block->Center.Y - rise >= reach)
        {
            return;
        }

        Points room;
        var points = (Triple*)room.Values;
        Corners(block, reach, points);
        for (var i = 0; i < 8; i++)
        {
            points[i + 8] = points[i];
            points[i].Y = 0f;
        }

        var count = scene->HasWall != 0 ? 16 : 8;
        Mark(scene, TileMasks.Kind.Darkens, index, Bound(&scene->View, points, count), rows, columns);
    }

    private static void Corners(BlockRecord* block, float grow, Triple* points)
    {
        for (var i = 0; i < 8; i++)
        {
            var u = (i & 1) != 0 ? block->Half.X + grow : -block->Half.X - grow;
            var v = (i & 2) != 0 ? block->Half.Y + grow : -block->Half.Y - grow;
            var w = (i & 4) != 0 ? block->Half.Z + grow : -block->Half.Z - grow;
            points[i] = Triple.Along(
                Triple.Along(Triple.Along(block->Center, block->AxisU, u), block->AxisV, v), block->AxisW, w);
        }
    }

    /// <summary>The rectangle of the picture around points, pixels.</summary>
    private static Rectangle Bound(ViewRecord* view, Triple* points, int count)
    {
        var box = new Rectangle { Left = Everywhere, Top = Everywhere, Right = -Everywhere, Bottom = -Everywhere };
        for (var i = 0; i < count; i++)
        {
            var fromEye = Triple.Difference(points[i], view->Eye);
            var depth = Triple.Dot(fromEye, view->Forward);
            if (depth < NearestDepth)
            {
                return new() { Left = -Everywhere, Top = -Everywhere, Right = Everywhere, Bottom = Everywhere };
            }

            var scale = view->PerPixel / depth;
            var x = view->MiddleX + (Triple.Dot(fromEye, view->Right) * scale);
            var y = view->MiddleY - (Triple.Dot(fromEye, view->Up) * scale);
            box.Left = x < box.Left ? x : box.Left;
            box.Right = x > box.Right ? x : box.Right;
            box.Top = y < box.Top ? y : box.Top;
            box.Bottom = y > box.Bottom ? y : box.Bottom;
        }

        return box;
    }

    /// <summary>Enters a bit in the rows and columns that a rectangle touches.</summary>
    public static void Mark(
        SceneRecord* scene, TileMasks.Kind kind, int index, Rectangle box, int rows, int columns)
    {
        var bit = 1ul << index;
        int first = TileOf(box.Left - 1f, columns), last = TileOf(box.Right + 1f, columns);
        for (var i = first < 0 ? 0 : first; i <= last && i < columns; i++)
        {
            scene->Masks.Columns[((int)kind * SceneRecord.MaxTiles) + i] |= bit;
        }

        first = TileOf(box.Top - 1f, rows);
        last = TileOf(box.Bottom + 1f, rows);
        for (var i = first < 0 ? 0 : first; i <= last && i < rows; i++)
        {
            scene->Masks.Rows[((int)kind * SceneRecord.MaxTiles) + i] |= bit;
        }
    }

    private static int TileOf(float pixel, int tiles)
    {
        var tile = MathF.Floor(pixel * (1f / SceneRecord.Tile));
        return tile < -1f ? -1 : tile > tiles ? tiles : (int)tile;
    }

    // Not from the stack by 'stackalloc', which ILGPU does not know.
    private struct Points
    {
        public fixed float Values[16 * 3];
    }
}

/// <summary>Part of the picture, pixels.</summary>
internal struct Rectangle
{
    public float Left, Top, Right, Bottom;
}
