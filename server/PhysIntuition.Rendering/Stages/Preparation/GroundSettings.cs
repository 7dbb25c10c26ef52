using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Rendering.Stages.Records;

namespace PhysIntuition.Rendering.Stages.Preparation;

/// <summary>Colours of grounds and walls, linear RGB.</summary>
internal static class GroundSettings
{
    /// <summary>The ground's base colour.</summary>
    public static Triple ColorOf(Ground ground, Look look)
    {
        var studio = ground switch
        {
            Ground.Planks => Triple.Of(0.40f, 0.27f, 0.165f),
            Ground.Table => Triple.Of(0.33f, 0.20f, 0.115f),
            Ground.Backdrop => Triple.Of(0.62f, 0.59f, 0.555f),
            _ => Triple.Of(0.42f, 0.40f, 0.375f),
        };
        return look switch
        {
            Look.Schematic => Triple.Of(0.86f, 0.87f, 0.88f),
            Look.Cubeworld => Triple.Scaled(studio, 1.55f),
            _ => studio,
        };
    }

    /// <summary>The wall's base colour.</summary>
    public static Triple WallColorOf(Look look) => look switch
    {
        Look.Schematic => Triple.Of(0.95f, 0.96f, 0.97f),
        Look.Cubeworld => Triple.Of(0.80f, 0.84f, 0.86f),
        _ => Triple.Of(0.50f, 0.53f, 0.52f),
    };
}
