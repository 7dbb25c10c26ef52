namespace PhysIntuition.Rendering.Stages;

/// <summary>Takes blocks off a tile's sets that cannot matter there: a tighter test than rows and columns.</summary>
/// <remarks>
/// Everything asked is a convex region whose sides are linear over the picture; a tile lies outside when its best
/// corner is outside one side. Only time depends on it: a block too many changes no byte.
/// </remarks>
internal static unsafe class TileCulling
{
    private const float Reach = 1f;   // pixel beyond the tile: samples of edge pixels lie within half of it

    /// <summary>Narrows the sets of the tile whose top left pixel is (left, top).</summary>
    public static void Narrow(SceneRecord* scene, int left, int top, TileSets* sets)
    {
        var corners = new Corners(left, top);
        var blocks = (BlockRecord*)(scene + 1);
        for (var rest = sets->Seen; rest != 0; rest &= rest - 1)
        {
            var index = BitOperations.TrailingZeroCount(rest);
            if (!IsSeen(blocks + index, corners))
            {
                sets->Seen &= ~(1ul << index);
            }
        }

        if (scene->HasWall == 0)
        {
            sets->Shades = Inside(blocks, sets->Shades, shadow: true, corners);
            sets->Darkens = Inside(blocks, sets->Darkens, shadow: false, corners);
        }
    }

    // Seen where every near plane is nearer than every far one: near - far is linear.
    private static bool IsSeen(BlockRecord* block, Corners corners)
    {
        Linear* near = &block->Near0, far = &block->Far0;
        var fars = block->HasFiveFar != 0 ? 5 : 3;
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < fars; j++)
            {
                if (corners.Most(near[i].Base - far[j].Base, near[i].X - far[j].X, near[i].Y - far[j].Y)
                    < -block->Slack)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static ulong Inside(BlockRecord* blocks, ulong set, bool shadow, Corners corners)
    {
        for (var rest = set; rest != 0; rest &= rest - 1)
        {
            var index = BitOperations.TrailingZeroCount(rest);
            var side = shadow ? &blocks[index].Shadow0 : &blocks[index].Apron0;
            for (var i = 0; i < 6; i++)
            {
                if (corners.Most(side[i].Base, side[i].X, side[i].Y) < 0f)
                {
                    set &= ~(1ul << index);
                    break;
                }
            }
        }

        return set;
    }

    /// <summary>The tile's square, a little grown.</summary>
    private readonly struct Corners(int left, int top)
    {
        private readonly float _left = left - Reach, _right = left + SceneRecord.Tile + Reach;
        private readonly float _top = top - Reach, _bottom = top + SceneRecord.Tile + Reach;

        /// <summary>The largest value of a linear quantity over the tile.</summary>
        public float Most(float origin, float x, float y) =>
            origin + (x * (x > 0f ? _right : _left)) + (y * (y > 0f ? _bottom : _top));
    }
}

/// <summary>The blocks that matter in one tile.</summary>
internal unsafe struct TileSets
{
    public ulong Seen, Overlays;

    /// <summary>What may throw a shadow on ground or wall in the tile, or take sky from it.</summary>
    public ulong Shades, Darkens;

    /// <summary>Whether any block matters.</summary>
    public readonly bool HasBlocks => (Seen | Shades | Darkens) != 0;

    /// <summary>The sets of the tile in this row and column.</summary>
    public static TileSets Of(SceneRecord* scene, int row, int column)
    {
        var masks = &scene->Masks;
        TileSets sets;
        sets.Seen = TileMasks.Of(masks, TileMasks.Kind.Seen, row, column);
        sets.Overlays = TileMasks.Of(masks, TileMasks.Kind.Overlay, row, column);
        sets.Shades = TileMasks.Of(masks, TileMasks.Kind.Shades, row, column);
        sets.Darkens = TileMasks.Of(masks, TileMasks.Kind.Darkens, row, column);
        return sets;
    }

    /// <summary>Every block, wherever it is.</summary>
    public void TakeAllBlocks(SceneRecord* scene)
    {
        var all = scene->Blocks == 64 ? ulong.MaxValue : (1ul << scene->Blocks) - 1;
        Seen = all;
        Shades = scene->ShadowDepth > 0f ? all : 0;
        Darkens = scene->OcclusionDepth > 0f ? all : 0;
    }
}
