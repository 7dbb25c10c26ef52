namespace PhysIntuition.Rendering.Stages;

/// <summary>Which blocks matter where: a tile's set is its row's set and its column's set in common.</summary>
/// <remarks>Bit i stands for block i; of <see cref="Kind.Overlay"/> for overlay i.</remarks>
internal unsafe struct TileMasks
{
    public fixed ulong Rows[SceneRecord.MaxTiles * (int)Kind.Count];

    public fixed ulong Columns[SceneRecord.MaxTiles * (int)Kind.Count];

    /// <summary>What a set says of its blocks.</summary>
    public enum Kind
    {
        /// <summary>May be seen in the tile.</summary>
        Seen,

        /// <summary>May throw a shadow on ground or wall in the tile.</summary>
        Shades,

        /// <summary>May take sky from ground or wall in the tile.</summary>
        Darkens,

        /// <summary>An overlay that may be seen in the tile.</summary>
        Overlay,

        /// <summary>How many kinds there are.</summary>
        Count,
    }

    public static ulong Of(TileMasks* masks, Kind kind, int row, int column) =>
        masks->Rows[((int)kind * SceneRecord.MaxTiles) + row]
        & masks->Columns[((int)kind * SceneRecord.MaxTiles) + column];
}
