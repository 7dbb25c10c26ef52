namespace PhysIntuition.Rendering.Stages;

/// <summary>The blocks that matter in one tile.</summary>
internal unsafe struct TileSets
{
    public ulong Seen, Overlays;

    /// <summary>What may throw a shadow on ground or wall in the tile, or take sky from it.</summary>
    public ulong Shades, Darkens;

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
