using System.Numerics;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Where marks lie in a picture, and ids of as many blocks as a scene may have.</summary>
public sealed class MarkTests
{
    private const int Side = 160;

    [Theory]
    [InlineData(0.3f)]
    [InlineData(0.6f)]
    [InlineData(1.2f)]
    public void Draw_Zone_ChangesAStripAlongItsCircleAndNothingElse(float radius)
    {
        var scene = FromAbove();
        var plain = Frames.Of(scene, Side, Side);
        scene.Overlays.Add(new(OverlayKind.Zone, new(0.2f, 0, -0.1f), default, radius, new(0.8f, 0f, 0f)));
        var marked = Frames.Of(scene, Side, Side);
        var sectors = new HashSet<int>();
        for (var i = 0; i < Side * Side; i++)
        {
            if (!plain.Rgb.AsSpan(3 * i, 3).SequenceEqual(marked.Rgb.AsSpan(3 * i, 3)))
            {
                var way = PlaceOf(scene.Camera, i) - new Vector3(0.2f, 0, -0.1f);
                Assert.InRange(way.Length(), 0f, radius * 1.15f + 0.05f);
                if (way.Length() > 0.8f * radius)
                {
                    sectors.Add((int)((MathF.Atan2(way.Z, way.X) + MathF.PI) / (2 * MathF.PI) * 24) % 24);
                }
            }
        }

        Assert.Equal(24, sectors.Count);
        Assert.Equal(plain.Depth, marked.Depth);
        Assert.Equal(plain.Segmentation, marked.Segmentation);
    }

    [Theory]
    [InlineData(1f, 0f)]
    [InlineData(-1f, 0f)]
    [InlineData(0f, 1f)]
    [InlineData(0.7f, -0.7f)]
    public void Draw_Arrow_ChangesPixelsBetweenItsEndsAndIsWidestNearItsHead(float x, float z)
    {
        var scene = FromAbove();
        var plain = Frames.Of(scene, Side, Side);
        Vector3 from = new(0, 0.01f, 0), to = new(x, 0.01f, z);
        scene.Overlays.Add(new(OverlayKind.Arrow, from, to, 0.06f, new(0f, 0.9f, 0f)));
        var marked = Frames.Of(scene, Side, Side);
        var tail = Oracle.Project(scene.Camera, Side, Side, from);
        var head = Oracle.Project(scene.Camera, Side, Side, to);
        var (length, direction) = ((head - tail).Length(), Vector2.Normalize(head - tail));
        var widths = new float[4];
        for (var i = 0; i < Side * Side; i++)
        {
            if (!plain.Rgb.AsSpan(3 * i, 3).SequenceEqual(marked.Rgb.AsSpan(3 * i, 3)))
            {
                var offset = new Vector2((i % Side) + 0.5f, (i / Side) + 0.5f) - tail;
                var along = Vector2.Dot(offset, direction);
                var across = (offset.X * direction.Y) - (offset.Y * direction.X);
                Assert.InRange(along, -4f, length + 4f);
                var quarter = Math.Clamp((int)(along / length * 4), 0, 3);
                widths[quarter] = MathF.Max(widths[quarter], MathF.Abs(across));
            }
        }

        Assert.All(widths, width => Assert.InRange(width, 0.5f, 20f));
        Assert.True(widths[3] > 1.5f * widths[1], string.Join(' ', widths));
    }

    [Fact]
    public void Draw_SixtyFourBlocks_EachHasItsId()
    {
        var scene = FromAbove(height: 12);
        for (var i = 0; i < Scene.MaxBlocks; i++)
        {
            scene.Blocks.Add(new()
            {
                Position = new((i % 8) - 3.5f, 0.2f, (i / 8) - 3.5f), HalfExtents = new(0.3f, 0.2f, 0.3f),
            });
        }

        var seen = Frames.Of(scene, Side, Side);
        for (var i = 0; i < Scene.MaxBlocks; i++)
        {
            var place = Oracle.Project(scene.Camera, Side, Side, scene.Blocks[i].Position + new Vector3(0, 0.2f, 0));
            Assert.Equal(i + 1, seen.Segmentation[((int)place.Y * Side) + (int)place.X]);
        }
    }

    // Looking down, all but straight.
    private static Scene FromAbove(float height = 4) => new()
    {
        Camera = new() { Eye = new(0, height, 0.02f), Target = default, FieldOfView = 0.8f },
    };

    private static Vector3 PlaceOf(Camera camera, int pixel)
    {
        var forward = Vector3.Normalize(camera.Target - camera.Eye);
        var right = Vector3.Normalize(Vector3.Cross(forward, Vector3.UnitY));
        var size = 2 * MathF.Tan(camera.FieldOfView / 2) / Side;
        var ray = forward + (right * (((pixel % Side) + 0.5f - (Side / 2f)) * size))
            + (Vector3.Cross(right, forward) * (((Side / 2f) - (pixel / Side) - 0.5f) * size));

        return camera.Eye + (ray * (-camera.Eye.Y / ray.Y));
    }
}
