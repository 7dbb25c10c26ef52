using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Server.Pages;

/// <summary>Draws a played scene for people: every channel becomes a picture that can be looked at.</summary>
internal static class ScenePictures
{
    private const int MostEdge = 1024;   // pixels

    // Near to far: light sand, coral, plum, night. Even steps in lightness, so that greys print well too.
    private static readonly (byte R, byte G, byte B)[] s_depths =
        [(250, 235, 200), (244, 170, 120), (214, 96, 96), (138, 58, 112), (66, 42, 96), (24, 24, 52)];

    // Hues that stay apart for most kinds of colour blindness (after Okabe and Ito), repeated for many blocks.
    private static readonly (byte R, byte G, byte B)[] s_blocks =
    [
        (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0), (204, 121, 167),
        (150, 150, 150),
    ];

    /// <summary>Reads channel and size.</summary>
    public static (Channels Channel, FrameFormat Format) Read(PictureAddress picture)
    {
        var name = picture.Channel ?? "";
        var channel = name switch
        {
            "" or "rgb" => Channels.Rgb,
            "depth" => Channels.Depth,
            "segmentation" => Channels.Segmentation,
            "normals" => Channels.Normals,
            _ => Channels.None,
        };
        if (channel == Channels.None)
        {
            Throw.OutOfRange("channel", name, "there are rgb, depth, segmentation and normals", "Choose one of these.");
        }

        var edge = EdgeOf(picture.Size ?? "");
        return (channel, new FrameFormat(edge, edge, channel));
    }

    /// <summary>Draws and encodes one channel.</summary>
    /// <returns>A PNG file, and for depths the range that the colours span, m.</returns>
    public static (byte[] File, string? Range) Draw(
        PlayedScene scene, Channels channel, in FrameFormat format, ServerMetrics metrics)
    {
        if (channel != Channels.Rgb && scene.Query.Task is Environments.Tasks.IPictureTask)
        {
            Throw.OutOfRange("channel", channel.ToString().ToLowerInvariant(),
                $"{scene.Query.Task.Spec.Id} has only rgb, because it composes its picture of others", "Ask for rgb.");
        }

        var start = metrics.Begin();
        var rgb = new byte[format.BytesOf(Channels.Rgb)];
        string? range = null;
        switch (channel)
        {
            case Channels.Depth:
                range = DrawDepth(scene, format, rgb);
                break;
            case Channels.Segmentation:
                DrawSegmentation(scene, format, rgb);
                break;
            case Channels.Normals:
                DrawNormals(scene, format, rgb);
                break;
            default:
                scene.Batch.View.Render([0], format, new FrameBuffers { Rgb = rgb });
                break;
        }

        metrics.Drawn(start, format.Pixels);
        return (PngEncoder.Encode(rgb, format.Width, format.Height), range);
    }

    private static string DrawDepth(PlayedScene scene, in FrameFormat format, byte[] rgb)
    {
        var depth = new float[format.Pixels];
        scene.Batch.View.Render([0], format, new FrameBuffers { Depth = depth });
        var (near, far) = (float.PositiveInfinity, 0f);
        foreach (var metres in depth)
        {
            near = Math.Min(near, metres);
            far = float.IsFinite(metres) ? Math.Max(far, metres) : far;
        }

        // Ground runs to the horizon; what matters is within a few times the nearest distance.
        far = Math.Min(far, 3 * near);
        for (var i = 0; i < depth.Length; i++)
        {
            var share = float.IsFinite(depth[i]) ? Math.Clamp((depth[i] - near) / (far - near), 0, 1) : 1;
            Put(rgb, i, Blend(share));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{near:0.00}-{far:0.00}");
    }

    private static void DrawSegmentation(PlayedScene scene, in FrameFormat format, byte[] rgb)
    {
        var ids = new byte[format.Pixels];
        scene.Batch.View.Render([0], format, new FrameBuffers { Segmentation = ids });
        for (var i = 0; i < ids.Length; i++)
        {
            Put(rgb, i, ids[i] switch
            {
                0 => ((byte)232, (byte)228, (byte)220),
                255 => ((byte)52, (byte)58, (byte)70),
                _ => s_blocks[(ids[i] - 1) % s_blocks.Length],
            });
        }
    }

    private static void DrawNormals(PlayedScene scene, in FrameFormat format, byte[] rgb)
    {
        var normals = new float[format.Pixels * 3];
        scene.Batch.View.Render([0], format, new FrameBuffers { Normals = normals });
        for (var i = 0; i < normals.Length; i++)
        {
            rgb[i] = (byte)Math.Clamp((normals[i] * 127.5f) + 127.5f, 0, 255);
        }
    }

    private static (byte R, byte G, byte B) Blend(float share)
    {
        var place = share * (s_depths.Length - 1);
        var first = Math.Min((int)place, s_depths.Length - 2);
        var (low, high, rest) = (s_depths[first], s_depths[first + 1], place - first);
        byte Mix(byte a, byte b) => (byte)(a + ((b - a) * rest));
        return (Mix(low.R, high.R), Mix(low.G, high.G), Mix(low.B, high.B));
    }

    private static void Put(byte[] rgb, int pixel, (byte R, byte G, byte B) color) =>
        (rgb[pixel * 3], rgb[(pixel * 3) + 1], rgb[(pixel * 3) + 2]) = color;

    private static int EdgeOf(string text)
    {
        if (text.Length == 0)
        {
            return 224;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var edge) && edge is >= 16 and
            <= MostEdge)
        {
            return edge;
        }

        Throw.OutOfRange("size", text, $"it must be a whole number in [16, {MostEdge}]", "Take 224.");
        return 0;
    }
}
