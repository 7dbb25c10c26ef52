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

        AddOverlays(episode, world, scene.Overlays);
        scene.Camera = episode.Camera;
        scene.Light = episode.Light;
        scene.Ground = episode.Options.Ground;
        scene.Look = episode.Options.Style;
    }

    // Once the answer has had its effect, arrows have been spent and a label goes with the block that it names.
    private static void AddOverlays(Episode episode, World world, List<Overlay> overlays)
    {
        foreach (var overlay in episode.Overlays)
        {
            if (ReferenceEquals(world, episode.World) || overlay.Kind == OverlayKind.Zone)
            {
                overlays.Add(overlay);
            }
            else if (overlay.Kind == OverlayKind.Label)
            {
                var body = NearestTo(overlay.From, episode.World);
                overlays.Add(overlay with
                {
                    From = overlay.From + world.Bodies[body].Position - episode.World.Bodies[body].Position,
                });
            }
        }
    }

    private static int NearestTo(Vector3 place, World world)
    {
        var nearest = 0;
        for (var i = 1; i < world.Bodies.Count; i++)
        {
            nearest = DistanceTo(place, world, i) < DistanceTo(place, world, nearest) ? i : nearest;
        }

        return nearest;
    }

    private static float DistanceTo(Vector3 place, World world, int body)
    {
        var way = world.Bodies[body].Position - place;

        return (way.X * way.X) + (way.Y * way.Y) + (way.Z * way.Z);
    }
}
