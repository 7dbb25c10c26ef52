using System.Runtime.InteropServices;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Rendering.Stages;
using PhysIntuition.Rendering.Stages.Preparation;
using PhysIntuition.Rendering.Stages.Records;

namespace PhysIntuition.Rendering.Gpu;

/// <summary>The processor's part of preparing a scene: view, light, ground, marks; blocks are copied.</summary>
internal static unsafe class SceneUpload
{
    /// <summary>Fills one scene's input.</summary>
    /// <param name="scene">Checked.</param>
    /// <param name="format">Size and samples.</param>
    /// <param name="scratch">Room for the scene's record.</param>
    /// <param name="target">Room for <see cref="SceneInput.SizeOf"/> its blocks and overlays.</param>
    public static void Fill(Scene scene, in FrameFormat format, SceneRecord* scratch, SceneInput* target)
    {
        target->Look = LookSettings.Of(scene.Look);
        target->Rows = ScenePreparation.TilesOf(format.Height);
        target->Columns = ScenePreparation.TilesOf(format.Width);
        target->PerUnit = ScenePreparation.RunHead(scene, format, target->Look, scratch);
        scratch->Blocks = scene.Blocks.Count;
        scratch->Zones = scratch->Overlays = 0;
        if (scene.Overlays.Count > 0)
        {
            MaskPreparation.Clear(&scratch->Masks, target->Rows, target->Columns);
            OverlayPreparation.Run(scene, target->PerUnit, target->Rows, target->Columns, scratch);
        }

        SceneInput.Arrange(target, scratch->Blocks, scratch->Zones, scratch->Overlays);
        Copy(scene, scratch, target);
    }

    private static void Copy(Scene scene, SceneRecord* scratch, SceneInput* target)
    {
        var to = (byte*)target;
        NativeMemory.Copy(scratch, to + target->HeadAt, (nuint)SceneInput.HeadBytes);
        CollectionsMarshal.AsSpan(scene.Blocks).CopyTo(new((Block*)(to + target->BlocksAt), target->Blocks));
        var zones = (ZoneRecord*)((BlockRecord*)(scratch + 1) + scratch->Blocks);
        NativeMemory.Copy(zones, to + target->ZonesAt, (nuint)(target->Zones * sizeof(ZoneRecord)));
        if (target->Overlays > 0)
        {
            NativeMemory.Copy(
                OverlayStage.Overlays(scratch), to + target->OverlaysAt,
                (nuint)(target->Overlays * sizeof(OverlayRecord)));
            const int first = SceneRecord.MaxTiles * (int)TileMasks.Kind.Overlay;
            NativeMemory.Copy(&scratch->Masks.Rows[first], to + target->MasksAt, SceneInput.MaskBytes);
            NativeMemory.Copy(
                &scratch->Masks.Columns[first], to + target->MasksAt + SceneInput.MaskBytes, SceneInput.MaskBytes);
        }
    }
}
