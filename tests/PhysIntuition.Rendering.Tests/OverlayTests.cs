using System.Numerics;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Zones lie on the ground, arrows and labels on the picture; all the same at every width.</summary>
public sealed class OverlayTests
{
    private const int Side = 160;

    [Fact]
    public void Draw_Zone_ColoursItsRingAndIsHiddenByBlocks()
    {
        var scene = Given.OneCube();
        var plain = Given.DrawRgb(scene, Side, Side);
        var radius = 0.35f;
        scene.Overlays.Add(new(OverlayKind.Zone, default, default, radius, new(0.8f, 0f, 0f)));
        var marked = Given.DrawRgb(scene, Side, Side);
        var toEye = Vector3.Normalize(scene.Camera.Eye with { Y = 0f });

        // In front the ring is seen; behind the cube it is not, and outside nothing changes.
        var front = Pixel(scene, toEye * radius);
        var outside = Pixel(scene, toEye * radius * 1.4f);
        var hidden = Pixel(scene, -toEye * radius);
        Assert.True(marked[front] > marked[front + 1] + 60);
        Assert.Equal(plain[outside], marked[outside]);
        Assert.Equal(plain[hidden], marked[hidden]);
    }

    [Fact]
    public void Draw_Arrow_HasItsColourAlongTheShaft()
    {
        var scene = Given.OneCube();
        Vector3 from = new(-0.5f, 0.2f, 0f), to = new(-0.2f, 0.2f, 0f);
        scene.Overlays.Add(new(OverlayKind.Arrow, from, to, 0.06f, new(0f, 1f, 0f)));
        var rgb = Given.DrawRgb(scene, Side, Side);
        var shaft = Pixel(scene, Vector3.Lerp(from, to, 0.3f));

        Assert.Equal((0, 255, 0), (rgb[shaft], rgb[shaft + 1], rgb[shaft + 2]));
    }

    [Fact]
    public void Draw_Label_HasOnlyWholeDotsOfInkAndHalo()
    {
        var scene = Given.OneCube();
        var plain = Given.DrawRgb(scene, Side, Side);
        scene.Overlays.Add(new(OverlayKind.Label, scene.Blocks[0].Position, default, 0.1f, new(1f, 1f, 1f), "I"));
        var rgb = Given.DrawRgb(scene, Side, Side);
        int ink = 0, halo = 0;
        for (var i = 0; i < rgb.Length; i += 3)
        {
            if (!rgb.AsSpan(i, 3).SequenceEqual(plain.AsSpan(i, 3)))
            {
                Assert.True(rgb[i] is 255 or 24, $"{rgb[i]} at {i / 3} is neither ink nor halo");
                _ = rgb[i] == 255 ? ink++ : halo++;
            }
        }

        // A serif I has 3 + 5 + 3 dots; each dot is a square of whole pixels.
        var scale = (int)Math.Round(Math.Sqrt(ink / 11d));
        Assert.Equal(11 * scale * scale, ink);
        Assert.True(scale >= 1 && halo > 0);
    }

    [Fact]
    public void Draw_AllOverlays_GiveEqualBytesAtEveryWidth()
    {
        var scene = Given.Clutter(6, 5);
        scene.Overlays.Add(new(OverlayKind.Zone, new(0.4f, 0f, 0.4f), default, 0.3f, new(0.1f, 0.2f, 0.9f)));
        scene.Overlays.Add(new(OverlayKind.Arrow, new(-1f, 0.4f, 0f), new(0.3f, 0.6f, 0.1f), 0.05f, new(1f, 0.7f, 0f)));
        scene.Overlays.Add(new(OverlayKind.Label, new(0f, 0.5f, 0f), default, 0.2f, new(0f, 0f, 0f), "a~7 Q"));
        scene.Overlays.Add(new(OverlayKind.Label, new(0f, 0.5f, 90f), default, 0.2f, new(0f, 0f, 0f), "behind"));
        var format = new FrameFormat(77, 61, Given.AllChannels);

        var scalar = Given.Draw(new CpuRenderer(LaneWidth.One, 1), format, scene);

        Assert.Equal(scalar, Given.Draw(new CpuRenderer(LaneWidth.Eight, 1), format, scene));
        Assert.Equal(scalar, Given.Draw(new CpuRenderer(LaneWidth.Sixteen, 1), format, scene));
    }

    private static int Pixel(Scene scene, Vector3 place)
    {
        var at = Oracle.Project(scene.Camera, Side, Side, place);
        return (((int)at.Y * Side) + (int)at.X) * 3;
    }
}
