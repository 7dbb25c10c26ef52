using System.Runtime.Intrinsics;

namespace PhysIntuition.Rendering.Stages;

/// <summary>What <see cref="TileCulling"/> asks of a tile, asked of its cells of 4 x 4 pixels, a lane each.</summary>
/// <remarks>
/// A quantity that is linear over the picture is largest at a cell's corner, which its two slopes choose: the same
/// corner in every cell. Only time depends on the answers: a block too many changes no byte.
/// </remarks>
internal static unsafe class CellCulling<V> where V : unmanaged, ILanes<V>
{
    private const float Reach = 1f;   // pixel beyond the cell: samples of edge pixels lie within half of it

    /// <summary>Finds the cells where each block matters; blocks that matter in none leave the tile.</summary>
    public static void Run(SceneRecord* scene, int left, int top, TileSets* tile, TileCells* cells)
    {
        var blocks = (BlockRecord*)(scene + 1);
        Corners corners;
        Corners.Set(left, top, &corners);
        TileCells.Clear(cells);
        for (var rest = tile->Seen; rest != 0; rest &= rest - 1)
        {
            var index = BitOperations.TrailingZeroCount(rest);
            var chosen = IsSeen(blocks + index, &corners);
            cells->AnySeen |= chosen;
            tile->Seen ^= chosen == 0 ? 1ul << index : 0;
            TileCells.Enter(cells->Seen, chosen, index);
        }

        if (scene->HasWall != 0)   // the sides hold for the floor alone
        {
            TileCells.FillHidden(cells, tile);
            return;
        }

        cells->AnyHidden |= Hidden(&blocks->Shadow0, &corners, &tile->Shades, cells->Shades);
        cells->AnyHidden |= Hidden(&blocks->Apron0, &corners, &tile->Darkens, cells->Darkens);
    }

    // Of the blocks that may hide light from the tile those that may from each cell; 'first': the first block's region.
    private static uint Hidden(Linear* first, Corners* corners, ulong* tile, ulong* cells)
    {
        var any = 0u;
        for (var rest = *tile; rest != 0; rest &= rest - 1)
        {
            var index = BitOperations.TrailingZeroCount(rest);
            var chosen = Inside((Linear*)((BlockRecord*)first + index), corners);
            any |= chosen;
            *tile ^= chosen == 0 ? 1ul << index : 0;
            TileCells.Enter(cells, chosen, index);
        }

        return any;
    }

    // Seen where every near plane is nearer than every far one: near - far is linear.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static uint IsSeen(BlockRecord* block, Corners* corners)
    {
        Linear* near = &block->Near0, far = &block->Far0;
        var fars = block->HasFiveFar != 0 ? 5 : 3;
        V low = V.Splat(float.MaxValue), high = low;
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < fars; j++)
            {
                Linear line;
                line.Base = near[i].Base - far[j].Base;
                line.X = near[i].X - far[j].X;
                line.Y = near[i].Y - far[j].Y;
                low = V.Min(low, Most(&line, corners, 0));
                high = V.Count == 16 ? high : V.Min(high, Most(&line, corners, 1));
            }
        }

        return Bits(low, high, V.Splat(-block->Slack));
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static uint Inside(Linear* side, Corners* corners)
    {
        V low = V.Splat(float.MaxValue), high = low;
        for (var i = 0; i < 6; i++)
        {
            low = V.Min(low, Most(side + i, corners, 0));
            high = V.Count == 16 ? high : V.Min(high, Most(side + i, corners, 1));
        }

        return Bits(low, high, V.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bits(V low, V high, V least)
    {
        var outside = V.Bits(V.Less(low, least));
        outside |= V.Count == 16 ? 0 : V.Bits(V.Less(high, least)) << V.Count;
        return ~outside & TileCells.All;
    }

    /// <summary>The largest value of a linear quantity over each cell, from half a tile down on if told.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Most(Linear* line, Corners* corners, int half) => V.Fma(
        V.Splat(line->Y), (&corners->Top)[(line->Y > 0f ? 2 : 0) + half],
        V.Fma(V.Splat(line->X), (&corners->Left)[line->X > 0f ? 1 : 0], V.Splat(line->Base)));

    /// <summary>The cells' squares, a little grown; the lower half's rows where lanes do for half a tile.</summary>
    private struct Corners
    {
        public V Left, Right, Top, LowerTop, Bottom, LowerBottom;

        private static ReadOnlySpan<float> Columns => [0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12];

        private static ReadOnlySpan<float> Rows => [0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12];

        public static void Set(int left, int top, Corners* corners)
        {
            V x = V.Splat(left) + Constant(Columns), y = V.Splat(top) + Constant(Rows);
            V reach = V.Splat(-Reach), grown = V.Splat(TileCells.Pixels + Reach), lower = y + V.Splat(8f);
            corners->Left = x + reach;
            corners->Right = x + grown;
            corners->Top = y + reach;
            corners->LowerTop = lower + reach;
            corners->Bottom = y + grown;
            corners->LowerBottom = lower + grown;
        }

        // Constant data of the program: it never moves.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Constant(ReadOnlySpan<float> data) =>
            V.Load((float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(data)));
    }
}

/// <summary>The blocks that matter in each cell of a tile: 4 x 4 cells, row by row.</summary>
internal unsafe struct TileCells
{
    /// <summary>Pixels a side of a cell, and cells a side of a tile.</summary>
    public const int Pixels = 4, Side = SceneRecord.Tile / Pixels;

    /// <summary>Cells of a tile; a bit for each.</summary>
    public const int Count = Side * Side;

    /// <inheritdoc cref="Count"/>
    public const uint All = (1u << Count) - 1;

    /// <summary>A bit for each cell where any block may be seen; where any may shade or darken the ground.</summary>
    public uint AnySeen, AnyHidden;

    public fixed ulong Seen[Count], Shades[Count], Darkens[Count];

    /// <summary>Takes all blocks out.</summary>
    public static void Clear(TileCells* cells)
    {
        cells->AnySeen = cells->AnyHidden = 0;
        for (var i = 0; i < Count; i += 4)
        {
            Vector256<ulong>.Zero.Store(cells->Seen + i);
            Vector256<ulong>.Zero.Store(cells->Shades + i);
            Vector256<ulong>.Zero.Store(cells->Darkens + i);
        }
    }

    /// <summary>Puts a block in the chosen cells.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enter(ulong* sets, uint chosen, int index)
    {
        Vector256<ulong> cell = Vector256.Create(1ul, 2, 4, 8), bit = Vector256.Create(1ul << index);
        for (var i = 0; i < Count; i += 4)
        {
            var isChosen = ~Vector256.Equals(Vector256.Create((ulong)chosen >> i) & cell, Vector256<ulong>.Zero);
            (Vector256.Load(sets + i) | (isChosen & bit)).Store(sets + i);
        }
    }

    /// <summary>Puts the tile's blocks in every cell.</summary>
    public static void Fill(TileCells* cells, TileSets* tile)
    {
        cells->AnySeen = tile->Seen == 0 ? 0 : All;
        for (var i = 0; i < Count; i++)
        {
            cells->Seen[i] = tile->Seen;
        }

        FillHidden(cells, tile);
    }

    /// <summary>Puts what shades or darkens the tile in every cell.</summary>
    public static void FillHidden(TileCells* cells, TileSets* tile)
    {
        cells->AnyHidden = (tile->Shades | tile->Darkens) == 0 ? 0 : All;
        for (var i = 0; i < Count; i++)
        {
            cells->Shades[i] = tile->Shades;
            cells->Darkens[i] = tile->Darkens;
        }
    }

    /// <summary>The sets of one cell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Select(TileCells* cells, ulong overlays, int cell, TileSets* target)
    {
        target->Seen = cells->Seen[cell];
        target->Shades = cells->Shades[cell];
        target->Darkens = cells->Darkens[cell];
        target->Overlays = overlays;
    }
}
