using System.Numerics;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Depth, segmentation, normals and albedo against rays cast one by one in double precision.</summary>
public sealed class ChannelTests
{
    private const int Width = 96, Height = 80;

    [Theory]
    [InlineData(1, 0.4f)]
    [InlineData(2, 1f)]
    [InlineData(3, 0.05f)]
    public void Draw_AnyScene_SeesWhatSingleRaysSee(ulong seed, float edge)
    {
        var scene = Given.Clutter(seed, 9, edge: edge);
        var seen = new Seen(scene);
        var outlines = 0;
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var hit = Oracle.Cast(scene, Width, Height, x + 0.5, y + 0.5);
                if (NearOutline(scene, x, y, hit))
                {
                    outlines++;
                    continue;
                }

                seen.AssertIs(hit, x, y);
            }
        }

        Assert.InRange(outlines, 1, Width * Height / 20);   // what is left out is a small part
    }

    [Fact]
    public void Draw_CentresOfSeenBlocks_CarryTheirIds()
    {
        var scene = Given.Clutter(5, 1);
        scene.Blocks.Add(scene.Blocks[0] with { Position = scene.Blocks[0].Position + new Vector3(0f, 2f, 0f) });
        scene.Camera = PhysIntuition.Rendering.Scenes.Framing.Structure(1.5f, 2.6f);
        var seen = new Seen(scene);
        for (var i = 0; i < scene.Blocks.Count; i++)
        {
            var place = Oracle.Project(scene.Camera, Width, Height, scene.Blocks[i].Position);

            Assert.Equal(i + 1, seen.Segmentation[((int)place.Y * Width) + (int)place.X]);
        }
    }

    [Fact]
    public void Draw_Sky_HasNoDepthNoNormalNoAlbedo()
    {
        var scene = Given.OneCube();
        scene.Camera = new() { Eye = new(0f, 0.5f, 3f), Target = new(0f, 1f, 0f) };
        var seen = new Seen(scene);

        Assert.Equal(255, seen.Segmentation[0]);
        Assert.Equal(float.PositiveInfinity, seen.Depth[0]);
        Assert.Equal([0f, 0f, 0f], seen.Normals[..3]);
        Assert.Equal([0, 0, 0], seen.Albedo[..3]);
    }

    [Fact]
    public void Draw_FlatBlock_HasItsOwnColourAsAlbedo()
    {
        // 0x7B in sRGB is 0.198 in linear light; the curve's worst error is half a grey level.
        var scene = Given.OneCube();
        scene.Blocks[0] = scene.Blocks[0] with { Material = Material.Flat, Color = new(0.19807f, 1f, 0f) };
        var seen = new Seen(scene);
        var middle = ((Height / 2 * Width) + (Width / 2)) * 3;

        Assert.InRange(seen.Albedo[middle], 0x7A, 0x7C);
        Assert.InRange(seen.Albedo[middle + 1], 254, 255);
        Assert.Equal(0, seen.Albedo[middle + 2]);
    }

    [Fact]
    public void Draw_SubsetOfChannels_GivesTheSameBytesAsAll()
    {
        var scene = Given.Clutter(8, 6);
        var all = new Seen(scene);
        var rgb = Given.DrawRgb(scene, Width, Height);
        var segmentation = new byte[Width * Height];
        new CpuRenderer().Draw(
            [scene], new(Width, Height, Channels.Segmentation), new() { Segmentation = segmentation });

        Assert.Equal(all.Rgb, rgb);
        Assert.Equal(all.Segmentation, segmentation);
    }

    // Where neighbouring rays see another face, rounding may decide otherwise in float than in double.
    private static bool NearOutline(Scene scene, int x, int y, Oracle.Hit hit)
    {
        const double step = 0.02;   // pixels
        foreach (var (dx, dy) in ((double, double)[])[(-step, -step), (step, -step), (-step, step), (step, step)])
        {
            var other = Oracle.Cast(scene, Width, Height, x + 0.5 + dx, y + 0.5 + dy);
            if (other.Id != hit.Id || Vector3.Dot(other.Normal, hit.Normal) < 0.99f)
            {
                return hit.Id >= 0 || other.Id >= 0;
            }
        }

        return false;
    }

    private sealed class Seen
    {
        public Seen(Scene scene) => new CpuRenderer().Draw(
            [scene],
            new(Width, Height, Given.AllChannels),
            new() { Rgb = Rgb, Depth = Depth, Segmentation = Segmentation, Normals = Normals, Albedo = Albedo });

        public byte[] Rgb { get; } = new byte[Width * Height * 3];

        public float[] Depth { get; } = new float[Width * Height];

        public byte[] Segmentation { get; } = new byte[Width * Height];

        public float[] Normals { get; } = new float[Width * Height * 3];

        public byte[] Albedo { get; } = new byte[Width * Height * 3];

        public void AssertIs(Oracle.Hit hit, int x, int y)
        {
            var at = (y * Width) + x;
            Assert.Equal(hit.Id < 0 ? 255 : hit.Id, Segmentation[at]);
            if (hit.Id < 0)
            {
                return;
            }

            // Single precision over planes seen at a slant: a few parts in ten thousand of the depth.
            Assert.InRange(Depth[at], hit.Depth * 0.9995, hit.Depth * 1.0005);
            var normal = new Vector3(Normals[at * 3], Normals[(at * 3) + 1], Normals[(at * 3) + 2]);
            Assert.InRange(normal.Length(), 0.9999f, 1.0001f);
            Assert.InRange(Vector3.Dot(normal, hit.Normal), 0.9999f, 1.0001f);
        }
    }
}
