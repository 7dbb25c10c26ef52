using PhysIntuition.Rendering.Stages.Records;

namespace PhysIntuition.Rendering.Stages;

/// <summary>The blocks that matter in one tile.</summary>
internal unsafe struct TileSets
{
    public ulong Seen, Overlays;

    /// <summary>What may throw a shadow on a block in the tile, or take sky from it.</summary>
    public ulong Shades, Darkens;

    /// <summary>The same for the ground and the wall.</summary>
    public ulong ShadesGround, DarkensGround;

    /// <summary>The sets of the tile in this row and column.</summary>
    public static TileSets Of(SceneRecord* scene, int row, int column)
    {
        var masks = &scene->Masks;
        TileSets sets;
        sets.Seen = TileMasks.Of(masks, TileMasks.Kind.Seen, row, column);
        sets.Overlays = TileMasks.Of(masks, TileMasks.Kind.Overlay, row, column);
        sets.Shades = TileMasks.Of(masks, TileMasks.Kind.Shades, row, column);
        sets.Darkens = TileMasks.Of(masks, TileMasks.Kind.Darkens, row, column);
        var isFlat = scene->HasWall == 0;   // a wall may be met anywhere
        sets.ShadesGround = isFlat ? TileMasks.Of(masks, TileMasks.Kind.ShadesGround, row, column) : sets.Shades;
        sets.DarkensGround = isFlat ? TileMasks.Of(masks, TileMasks.Kind.DarkensGround, row, column) : sets.Darkens;
        return sets;
    }

    /// <summary>Every block, wherever it is.</summary>
    public void TakeAllBlocks(SceneRecord* scene)
    {
        var all = scene->Blocks == 64 ? ulong.MaxValue : (1ul << scene->Blocks) - 1;
        Seen = all;
        Shades = ShadesGround = scene->ShadowDepth > 0f ? all : 0;
        Darkens = DarkensGround = scene->OcclusionDepth > 0f ? all : 0;
    }
}
