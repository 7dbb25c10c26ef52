using PhysIntuition.Rendering.Stages;
using PhysIntuition.Rendering.Stages.Preparation;

namespace PhysIntuition.Rendering.Gpu;

/// <summary>What a device needs to prepare one scene itself: about a tenth of the prepared record.</summary>
/// <remarks>
/// In memory: this, the scene's record up to its masks, then overlay records, zone records, blocks, and, where there
/// are overlays, their rows' and columns' masks. Every part starts at a multiple of 8 bytes.
/// </remarks>
internal unsafe struct SceneInput
{
    public LookSettings Look;

    public float PerUnit;

    /// <summary>Tiles of the picture.</summary>
    public int Rows, Columns;

    public int Blocks, Zones, Overlays;

    /// <summary>Bytes of the record before its masks.</summary>
    public int HeadSize;

    /// <summary>Where the parts start, bytes from this.</summary>
    public int HeadAt, OverlaysAt, ZonesAt, BlocksAt, MasksAt;

    /// <inheritdoc cref="HeadSize"/>
    public static int HeadBytes
    {
        get
        {
            SceneRecord any;
            return (int)((byte*)&any.Masks - (byte*)&any);
        }
    }

    /// <summary>Bytes of one kind's masks of rows, or of columns.</summary>
    public const int MaskBytes = SceneRecord.MaxTiles * sizeof(ulong);

    /// <summary>Sets where the parts lie and gives the bytes of all of it.</summary>
    public static int Arrange(SceneInput* input, int blocks, int zones, int overlays)
    {
        input->Blocks = blocks;
        input->Zones = zones;
        input->Overlays = overlays;
        input->HeadSize = HeadBytes;
        input->HeadAt = Whole(sizeof(SceneInput));
        input->OverlaysAt = input->HeadAt + Whole(HeadBytes);
        input->ZonesAt = input->OverlaysAt + Whole(overlays * sizeof(OverlayRecord));
        input->BlocksAt = input->ZonesAt + Whole(zones * sizeof(ZoneRecord));
        input->MasksAt = input->BlocksAt + Whole(blocks * sizeof(Block));
        return input->MasksAt + (overlays > 0 ? 2 * MaskBytes : 0);
    }

    /// <summary>Maximum bytes of a scene with this many blocks and overlays.</summary>
    public static int SizeOf(int blocks, int overlays)
    {
        SceneInput any;
        return Whole(Arrange(&any, blocks, overlays, overlays));
    }

    private static int Whole(int bytes) => (bytes + 7) & ~7;
}
