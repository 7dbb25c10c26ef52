namespace PhysIntuition.Rendering;

/// <summary>The border of the renderer: every fault names field, value, rule and remedy.</summary>
internal static class DrawChecks
{
    private const int SmallestSide = 16, LargestSide = 1024;     // pixels
    private const int MaxLetters = Stages.OverlayRecord.MaxLetters;
    private const float BrightestLight = 10f;                    // times a white surface in plain light
    private const float LargestPlace = 1000f;                    // m; floats stay good to 0.1 mm
    private const float SmallestHalf = 0.005f, LargestHalf = 50f; // m, as the simulation has them
    private const float UnitTolerance = 1e-2f;                   // of a quaternion's or a direction's squared length

    /// <summary>Throws at the first fault.</summary>
    public static void Check(ReadOnlySpan<Scene> scenes, in FrameFormat format, in FrameBuffers frames)
    {
        Check(scenes, format);
        CheckBuffer(frames.Rgb.Length, Channels.Rgb, sizeof(byte), format, scenes.Length);
        CheckBuffer(frames.Depth.Length, Channels.Depth, sizeof(float), format, scenes.Length);
        CheckBuffer(frames.Segmentation.Length, Channels.Segmentation, sizeof(byte), format, scenes.Length);
        CheckBuffer(frames.Normals.Length, Channels.Normals, sizeof(float), format, scenes.Length);
        CheckBuffer(frames.Albedo.Length, Channels.Albedo, sizeof(byte), format, scenes.Length);
    }

    /// <summary>The same without memory; <see cref="CheckBuffer"/> looks at that.</summary>
    public static void Check(ReadOnlySpan<Scene> scenes, in FrameFormat format)
    {
        Check(format);
        if (scenes.IsEmpty)
        {
            throw Fault("scenes", "'scenes' is empty; at least one is allowed. Pass a scene per frame.");
        }

        for (var i = 0; i < scenes.Length; i++)
        {
            Check(scenes[i] ?? throw Fault($"scenes[{i}]", $"'scenes[{i}]' is null; pass a scene per frame."), new(i));
        }
    }

    /// <summary>How many threads a renderer takes that was told this number; 0 takes one per processor.</summary>
    public static int Threads(int wanted) => wanted is >= 0 and <= 1024
        ? wanted == 0 ? Environment.ProcessorCount : wanted
        : throw Fault("threads", $"'threads' is {wanted}; [0, 1024] is allowed, 0 for one per processor. Take 0.");

    private static void Check(in FrameFormat format)
    {
        Side(format.Width, "format.width");
        Side(format.Height, "format.height");
        if (format.Samples is not (1 or 4 or 8))
        {
            throw Fault("format.samples", $"'format.samples' is {format.Samples}; 1, 4 and 8 are allowed. Take 4.");
        }

        const Channels all =
            Channels.Rgb | Channels.Depth | Channels.Segmentation | Channels.Normals | Channels.Albedo;
        if (format.Channels == Channels.None || (format.Channels & ~all) != 0)
        {
            throw Fault("format.channels",
                $"'format.channels' is {format.Channels}; one or more of {all} are allowed. Ask for a channel.");
        }
    }

    /// <summary>Throws where memory of this many elements is too small for its channel.</summary>
    public static void CheckBuffer(long length, Channels channel, int size, in FrameFormat format, int scenes)
    {
        var needed = (long)format.BytesOf(channel) / size * scenes;
        if (format.Channels.HasFlag(channel) && length < needed)
        {
            var name = channel.ToString().ToLowerInvariant();
            throw Fault($"frames.{name}",
                $"'frames.{name}' holds {length} elements; {scenes} frames of {format.Width} x {format.Height} need " +
                $"{needed}. Pass a larger buffer or fewer scenes.");
        }
    }

    private static void Check(Scene scene, Path path)
    {
        if (scene.Blocks.Count > Scene.MaxBlocks)
        {
            throw new PhysIntuitionException(Faults.Fault.LimitReached, $"{path}.blocks",
                $"'{path}.blocks' holds {scene.Blocks.Count}; at most {Scene.MaxBlocks} are allowed. Draw fewer.");
        }

        for (var i = 0; i < scene.Blocks.Count; i++)
        {
            Check(scene.Blocks[i], path with { Block = i });
        }

        if (scene.Overlays.Count > Scene.MaxOverlays)
        {
            throw new PhysIntuitionException(Faults.Fault.LimitReached, $"{path}.overlays",
                $"'{path}.overlays' holds {scene.Overlays.Count}; at most {Scene.MaxOverlays} are allowed. " +
                "Draw fewer.");
        }

        foreach (var overlay in scene.Overlays)
        {
            Check(overlay, path);
        }

        Check(scene.Camera, path);
        Check(scene.Light, path);
        Known(scene.Ground, path, "ground");
        Known(scene.Look, path, "look");
        if (scene.TileSize != 0f)
        {
            Range(scene.TileSize, 0.01f, 100f, path, "tile_size", "m, or 0");
        }
    }

    private static void Check(in Block block, Path path)
    {
        Place(block.Position, path, "position");
        Range(block.HalfExtents.X, SmallestHalf, LargestHalf, path, "half_extents.x", "m");
        Range(block.HalfExtents.Y, SmallestHalf, LargestHalf, path, "half_extents.y", "m");
        Range(block.HalfExtents.Z, SmallestHalf, LargestHalf, path, "half_extents.z", "m");
        var q = block.Orientation;
        var squared = (q.X * q.X) + (q.Y * q.Y) + (q.Z * q.Z) + (q.W * q.W);
        if (!(MathF.Abs(squared - 1f) <= UnitTolerance))
        {
            throw Fault($"{path}.orientation",
                $"'{path}.orientation' has the squared length {squared}; unit quaternions are allowed. Normalise it.");
        }

        Color(block.Color, path, "color");
        Known(block.Material, path, "material");
    }

    private static void Check(in Overlay overlay, Path path)
    {
        Known(overlay.Kind, path, "overlays.kind");
        Place(overlay.From, path, "overlays.from");
        Place(overlay.To, path, "overlays.to");
        Range(overlay.Size, 1e-3f, LargestPlace, path, "overlays.size", "m");
        Color(overlay.Color, path, "overlays.color");
        if (overlay.Kind == OverlayKind.Label && overlay.Text is not { Length: >= 1 and <= MaxLetters })
        {
            throw Fault($"{path}.overlays.text",
                $"'{path}.overlays.text' is '{overlay.Text}'; 1 to {MaxLetters} letters are allowed. Shorten it.");
        }
    }

    private static void Check(in Camera camera, Path path)
    {
        Place(camera.Eye, path, "camera.eye");
        Place(camera.Target, path, "camera.target");
        Range(camera.Eye.Y, 1e-3f, LargestPlace, path, "camera.eye.y", "m above the ground");
        Range(camera.FieldOfView, 0.1f, 2f, path, "camera.field_of_view", "rad");
        var sight = camera.Target - camera.Eye;
        if (!((sight.X * sight.X) + (sight.Y * sight.Y) + (sight.Z * sight.Z) >= 1e-6f))
        {
            throw Fault($"{path}.camera.target",
                $"'{path}.camera.target' is {camera.Target}, within 1 mm of the eye; no direction. " +
                "Move it away: anything beyond is allowed.");
        }
    }

    private static void Check(in Light light, Path path)
    {
        var sun = light.SunDirection;
        var squared = (sun.X * sun.X) + (sun.Y * sun.Y) + (sun.Z * sun.Z);
        if (!(MathF.Abs(squared - 1f) <= UnitTolerance))
        {
            throw Fault($"{path}.light.sun_direction",
                $"'{path}.light.sun_direction' is {sun}; unit vectors are allowed. Normalise it.");
        }

        Range(sun.Y, 0.2f, 1.01f, path, "light.sun_direction.y", "so that shadows stay short");
        Range(light.SunRadius, 0f, 0.3f, path, "light.sun_radius", "tangent of an angle");
        Color(light.SunColor, path, "light.sun_color", BrightestLight);
        Color(light.SkyColor, path, "light.sky_color", BrightestLight);
    }

    private static void Place(Vector3 place, Path path, string name)
    {
        if (!IsWithin(place, -LargestPlace, LargestPlace))
        {
            Range(place.X, -LargestPlace, LargestPlace, path, name + ".x", "m");
            Range(place.Y, -LargestPlace, LargestPlace, path, name + ".y", "m");
            Range(place.Z, -LargestPlace, LargestPlace, path, name + ".z", "m");
        }
    }

    private static void Color(Vector3 color, Path path, string name, float most = 1f)
    {
        if (!IsWithin(color, 0f, most))
        {
            Range(color.X, 0f, most, path, name + ".r", "linear");
            Range(color.Y, 0f, most, path, name + ".g", "linear");
            Range(color.Z, 0f, most, path, name + ".b", "linear");
        }
    }

    private static bool IsWithin(Vector3 value, float least, float most) =>
        value.X >= least && value.X <= most && value.Y >= least && value.Y <= most
        && value.Z >= least && value.Z <= most;

    private static void Known<T>(T value, Path path, string name) where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            throw Fault($"{path}.{name}",
                $"'{path}.{name}' is {value}; {string.Join(", ", Enum.GetNames<T>())} are allowed. Take one of them.");
        }
    }

    // Written so that NaN is out of every range.
    private static void Range(float value, float least, float most, Path path, string name, string unit)
    {
        if (!(value >= least && value <= most))
        {
            throw Fault($"{path}.{name}",
                $"'{path}.{name}' is {value}; [{least}, {most}] is allowed ({unit}). Bring it into the range.");
        }
    }

    private static void Side(int value, string name)
    {
        if (value is < SmallestSide or > LargestSide)
        {
            throw Fault(name,
                $"'{name}' is {value}; [{SmallestSide}, {LargestSide}] pixels are allowed. Choose a size within.");
        }
    }

    private static PhysIntuitionException Fault(string field, string message) =>
        new(Faults.Fault.InvalidArgument, field, message);

    /// <summary>Where a value stands; becomes text only when it is at fault.</summary>
    private readonly record struct Path(int Scene, int Block = -1)
    {
        public override string ToString() => Block < 0 ? $"scenes[{Scene}]" : $"scenes[{Scene}].blocks[{Block}]";
    }
}
