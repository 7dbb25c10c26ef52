using PhysIntuition.Environments.Options;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Episodes;

/// <summary>Turns an episode into what a renderer draws.</summary>
internal static class Drawing
{
    /// <summary>Fills a scene; reuses its lists.</summary>
    /// <param name="episode">Looks, marks, camera and light.</param>
    /// <param name="world">Where the bodies are: the episode's own, or the one after an answer.</param>
    /// <param name="scene">Overwritten.</param>
    public static void Fill(Episode episode, World world, Scene scene)
    {
        scene.Blocks.Clear();
        scene.Overlays.Clear();
        for (var i = 0; i < world.Bodies.Count; i++)
        {
            var (body, look) = (world.Bodies[i], episode.Appearances[i]);
            scene.Blocks.Add(new Block
            {
                Position = body.Position,
                Orientation = body.Orientation,
                HalfExtents = body.HalfExtents,
                Color = look.Color,
                Material = look.Material,
                TextureSeed = look.TextureSeed,
            });
        }

        scene.Overlays.AddRange(episode.Overlays);
        scene.Camera = episode.Camera;
        scene.Light = episode.Light;
        scene.Ground = GroundOf(episode.Options.Ground);
        scene.Look = LookOf(episode.Options.Style);
    }

    private static Ground GroundOf(GroundLook look) => look switch
    {
        GroundLook.Plain => Ground.Plain,
        GroundLook.Planks => Ground.Planks,
        GroundLook.Checker => Ground.Checker,
        GroundLook.Table => Ground.Table,
        GroundLook.Backdrop => Ground.Backdrop,
        _ => Ground.Tiles,
    };

    private static Look LookOf(Style style) => style switch
    {
        Style.Cubeworld => Look.Cubeworld,
        Style.Photo => Look.Photo,
        Style.Schematic => Look.Schematic,
        _ => Look.Studio,
    };
}
