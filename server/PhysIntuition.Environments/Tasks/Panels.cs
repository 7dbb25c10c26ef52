using System.Runtime.Intrinsics;

namespace PhysIntuition.Environments.Tasks;

/// <summary>One part of a picture that is composed of several: where the bodies are, and its letter.</summary>
/// <param name="World">Where the bodies are; marks of the scene are drawn where it is the episode's own.</param>
/// <param name="Letter">Written at the top left; null for none.</param>
/// <param name="Place">Left, top, width, height over the whole picture's.</param>
/// <param name="Marks">Drawn instead of the scene's; null: the scene's are.</param>
/// <param name="CutOff">Share of the height of what the camera sees that is left out above.</param>
internal readonly record struct Panel(
    World World, string? Letter, (double X, double Y, double Width, double Height) Place,
    IReadOnlyList<Overlay>? Marks = null, double CutOff = 0);

/// <summary>Pictures that are composed of several of one scene, all through one camera.</summary>
internal static class Panels
{
    /// <summary>Width over height of each panel, over the whole picture's.</summary>
    public const float Wide = 2;

    /// <summary>The same for three panels below each other.</summary>
    public const float VeryWide = 3;

    /// <summary>Pixels that differ between two pictures at least, over those that a block covers on average.</summary>
    public const double LeastDifference = 0.6;

    private const int Smallest = 16;          // pixels: the least that a renderer draws
    private const byte Paper = 250;           // grey level between panels
    private const int ThumbHeight = 32;   // pixels in which differences are counted

    // The canonical one, whatever a server draws with: what becomes a scene must not depend on that.
    private static readonly CpuRenderer s_thumbs = new(threads: 1);

    /// <summary>The letters of panels among which an answer chooses.</summary>
    public static string[] Letters { get; } = ["A", "B", "C", "D"];

    /// <summary>The scene above, four panels with letters below it.</summary>
    public static Panel[] SceneAndFour(Episode episode, World world)
    {
        var panels = new Panel[5];
        panels[0] = new(world, null, (0, 0, 1, 0.5));
        for (var i = 0; i < 4; i++)
        {
            panels[i + 1] = new(episode.Panels[i], Letters[i], (i % 2 * 0.5, 0.5 + (i / 2 * 0.25), 0.5, 0.25));
        }

        return panels;
    }

    /// <summary>Draws panels beside each other.</summary>
    /// <param name="episode">Looks, marks, camera and light of all.</param>
    /// <param name="panels">What is drawn where.</param>
    /// <param name="format">Size of the whole.</param>
    /// <param name="renderer">Draws each.</param>
    /// <param name="rgb">uint8[height, width, 3].</param>
    public static void Compose(
        Episode episode, ReadOnlySpan<Panel> panels, in FrameFormat format, IRenderer renderer, Span<byte> rgb)
    {
        var (whole, gap) = (new Picture(format.Width, format.Height), Math.Max(1, format.Height / 112));
        whole.Rgb.AsSpan().Fill(Paper);
        foreach (var panel in panels)
        {
            var (left, top) = ((int)(panel.Place.X * format.Width), (int)(panel.Place.Y * format.Height));
            var width = (int)((panel.Place.X + panel.Place.Width) * format.Width) - left;
            var height = (int)((panel.Place.Y + panel.Place.Height) * format.Height) - top;
            (left, width) = left == 0 ? (0, width) : (left + gap, width - gap);
            (top, height) = top == 0 ? (0, height) : (top + gap, height - gap);
            var seen = (int)Math.Round(height / (1 - panel.CutOff));
            var drawn = Draw(episode, panel, Math.Max(Smallest, width), Math.Max(Smallest, seen), renderer);
            var cut = (int)Math.Round(drawn.Height * panel.CutOff);
            whole.Paste(drawn, (0, cut, drawn.Width, drawn.Height - cut), (left, top, width, height));
        }

        whole.Rgb.CopyTo(rgb);
    }

    /// <summary>The part of a composed picture that shows a panel.</summary>
    /// <param name="whole">The composed picture.</param>
    /// <param name="place">As <see cref="Panel.Place"/>.</param>
    public static Picture Cut(Picture whole, (double X, double Y, double Width, double Height) place)
    {
        var (left, top) = ((int)(place.X * whole.Width), (int)(place.Y * whole.Height));
        var part = new Picture(
            (int)((place.X + place.Width) * whole.Width) - left, (int)((place.Y + place.Height) * whole.Height) - top);
        part.Paste(whole, (left, top, part.Width, part.Height), (0, 0, part.Width, part.Height));

        return part;
    }

    /// <summary>A copy of where the bodies of a world are, to be shown in a panel.</summary>
    public static World Still(World world)
    {
        var still = new World
        {
            HasGround = world.HasGround, Gravity = world.Gravity, GroundFriction = world.GroundFriction,
            GroundRestitution = world.GroundRestitution, Time = world.Time,
        };
        still.Bodies.AddRange(world.Bodies);

        return still;
    }

    /// <summary>Whether every two of at most four worlds look different through an episode's camera.</summary>
    /// <param name="episode">Whose camera.</param>
    /// <param name="worlds">Of the episode's bodies.</param>
    /// <param name="wide">Width over height of the panels that show them.</param>
    public static bool AllDiffer(Episode episode, IReadOnlyList<World> worlds, float wide = Wide)
    {
        var format = new FrameFormat((int)(wide * ThumbHeight), ThumbHeight, Channels.Segmentation, Samples: 1);
        Span<byte> pixels = stackalloc byte[format.Pixels * 4];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(worlds.Count, 4);
        for (var i = 0; i < worlds.Count; i++)
        {
            var own = pixels.Slice(i * format.Pixels, format.Pixels);
            s_thumbs.Draw([SceneOf(episode, worlds[i])], format, new FrameBuffers { Segmentation = own });
            for (var k = 0; k < i; k++)
            {
                var other = pixels.Slice(k * format.Pixels, format.Pixels);
                if (Difference(own, other, worlds[i].Bodies.Count) < LeastDifference)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Pixels that show different blocks, or a block and none, over those that a block covers.</summary>
    /// <param name="one">uint8[pixels], as <see cref="Channels.Segmentation"/>.</param>
    /// <param name="other">The same.</param>
    /// <param name="blocks">In each picture.</param>
    internal static double Difference(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, int blocks)
    {
        var (differing, covered, i) = (0, 0, 0);
        for (; i <= one.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            var (own, its) = (Vector128.Create(one[i..]), Vector128.Create(other[i..]));
            var (inOne, inOther) = (InBlock(own), InBlock(its));
            covered += CountOf(inOne) + CountOf(inOther);
            differing += CountOf((inOne | inOther) & ~Vector128.Equals(own, its));
        }

        for (; i < one.Length; i++)
        {
            var (inOne, inOther) = (one[i] is not (0 or 255), other[i] is not (0 or 255));
            covered += (inOne ? 1 : 0) + (inOther ? 1 : 0);
            differing += (inOne || inOther) && one[i] != other[i] ? 1 : 0;
        }

        return covered == 0 ? 0 : 2.0 * blocks * differing / covered;
    }

    private static Vector128<byte> InBlock(Vector128<byte> pixels) =>
        ~(Vector128.Equals(pixels, Vector128<byte>.Zero) | Vector128.Equals(pixels, Vector128<byte>.AllBitsSet));

    private static int CountOf(Vector128<byte> mask) => BitOperations.PopCount(mask.ExtractMostSignificantBits());

    private static Scene SceneOf(Episode episode, World world)
    {
        var scene = new Scene();
        Drawing.Fill(episode, world, scene);
        return scene;
    }

    private static Picture Draw(Episode episode, in Panel panel, int width, int height, IRenderer renderer)
    {
        var (scene, picture) = (SceneOf(episode, panel.World), new Picture(width, height));
        if (panel.Marks is { } marks)
        {
            scene.Overlays.Clear();
            scene.Overlays.AddRange(marks);
        }

        if (panel.Letter is { } letter)
        {
            scene.Overlays.Add(LetterAt(episode.Camera, (float)width / height, letter, (float)panel.CutOff));
        }

        renderer.Draw([scene], new FrameFormat(width, height), new FrameBuffers { Rgb = picture.Rgb });

        return picture;
    }

    // In the plane through what the camera looks at, an eighth of the panel's height from its corner.
    private static Overlay LetterAt(in Camera camera, float aspect, string letter, float cutOff)
    {
        var visible = 1f - cutOff;
        var (inset, size) = (0.25f * visible, 0.4f * visible);   // over half of the height that the camera sees
        var back = camera.Eye - camera.Target;
        var right = Unit(new Vector3(back.Z, 0f, -back.X));
        var up = Unit(new Vector3(back.Y * right.Z, (back.Z * right.X) - (back.X * right.Z), -back.Y * right.X));
        var half = camera.FieldOfView / 2.0;
        var reach = Length(back) * (float)(Angles.Sin(half) / Angles.Cos(half));
        var word = 0.43f * size * (letter.Length - 1);   // what it reaches farther than one letter
        var place = camera.Target + (up * ((1f - (2f * cutOff) - inset) * reach))
            - (right * (reach * (aspect - inset - word)));

        return new(OverlayKind.Label, place, default, size * reach, Paints.Mark, letter);
    }

    private static Vector3 Unit(Vector3 v) => v * (1f / Length(v));

    private static float Length(Vector3 v) => MathF.Sqrt((v.X * v.X) + (v.Y * v.Y) + (v.Z * v.Z));
}
