using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Pixels that an outline passes: the mixture of both sides, and the lines of schematic pictures.</summary>
public sealed class EdgeTests
{
    private const int Side = 48;

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void Draw_EdgeMovedByPartsOfAPixel_MixesBothSidesByTheCoveredShare(int samples)
    {
        const int steps = 40;
        var before = double.NegativeInfinity;
        for (var i = 0; i <= steps; i++)
        {
            // The square's right edge crosses the pixel in the middle of the picture from left to right.
            var share = i / (double)steps;
            var (block, sky, mixed) = Mixture(share, samples);
            var seen = (mixed - sky) / (block - sky);

            // A rotated grid has one sample in each of its columns, half a column from the column's edges.
            Assert.InRange(seen - share, -(0.5 / samples) - 0.02, (0.5 / samples) + 0.02);
            Assert.True(seen >= before - 0.02, $"{seen} after {before}");
            before = seen;
        }
    }

    [Fact]
    public void Draw_OneSample_IsTheBlockOrWhatIsBehindIt()
    {
        foreach (var share in (double[])[0.1, 0.4, 0.6, 0.9])
        {
            var (block, sky, mixed) = Mixture(share, samples: 1);

            // Before its edges a block is bevelled, so that its light is not quite that of its middle.
            Assert.Equal(share > 0.5 ? 1 : 0, (mixed - sky) / (block - sky), 0.06);
        }
    }

    [Fact]
    public void Draw_SamplesOfAPixel_LeaveItsInsideAsItIs()
    {
        var scene = Given.Clutter(5, 9);
        var (one, eight) = (Frames.Of(scene, 96, 96, samples: 1), Frames.Of(scene, 96, 96, samples: 8));
        var (inside, changed) = (0, 0);
        for (var i = 97; i < (96 * 96) - 97; i++)
        {
            if (((int[])[-97, -96, -95, -1, 1, 95, 96, 97]).All(k => one.Segmentation[i + k] == one.Segmentation[i]))
            {
                inside++;
                Assert.Equal(one.Rgb[(3 * i)..((3 * i) + 3)], eight.Rgb[(3 * i)..((3 * i) + 3)]);
            }
            else
            {
                changed += one.Rgb.AsSpan(3 * i, 3).SequenceEqual(eight.Rgb.AsSpan(3 * i, 3)) ? 0 : 1;
            }
        }

        Assert.True(inside > 2000 && changed > 100, $"{inside} and {changed} pixels");
    }

    [Fact]
    public void Draw_SchematicSquare_HasADarkLineInsideItsOutlineAndNoneElsewhere()
    {
        const float halfPixels = 15.5f;
        var scene = HeadOn(0f, halfPixels);
        scene.Look = Look.Schematic;
        var seen = Frames.Of(scene, Side, Side);
        var inner = Linear(seen.Rgb, Side / 2, Side / 2);
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                double fromX = Math.Abs(x + 0.5 - (Side / 2.0)), fromY = Math.Abs(y + 0.5 - (Side / 2.0));
                var fromEdge = halfPixels - Math.Max(fromX, fromY);
                switch (fromEdge)
                {
                    case > 0.9 and < 1.1:   // between a line's middle and its end, both filtered over a pixel
                        Assert.InRange(Linear(seen.Rgb, x, y), 0.05 * inner, 0.9 * inner);
                        break;
                    case > 2:
                        Assert.Equal(inner, Linear(seen.Rgb, x, y), 0.02);
                        break;
                }
            }
        }

        var middle = Side / 2;
        Assert.True(Linear(seen.Rgb, middle - 15, middle) < 0.5 * inner);
        Assert.True(Linear(seen.Rgb, middle, middle + 14) < 0.5 * inner);
    }

    [Fact]
    public void Draw_AnyLook_ShowsTheSameShapes()
    {
        var scene = Given.Clutter(6, 9);
        var studio = Frames.Of(scene, 64, 64);
        foreach (var look in Enum.GetValues<Look>())
        {
            scene.Look = look;
            var seen = Frames.Of(scene, 64, 64);

            Assert.Equal(studio.Segmentation, seen.Segmentation);
            Assert.Equal(studio.Depth, seen.Depth);
            Assert.Equal(look == Look.Studio, studio.Rgb.AsSpan().SequenceEqual(seen.Rgb));
        }
    }

    // Linear red of the block, of the sky beside it, and of the pixel whose left part the block covers.
    private static (double Block, double Sky, double Mixed) Mixture(double share, int samples)
    {
        const int column = Side / 2;
        var rgb = Given.DrawRgb(HeadOn((float)(share - 10), 10f), Side, Side, samples);

        // In a row of sky: above the horizon, below the block's top.
        const int row = (Side / 2) - 4;
        return (Linear(rgb, column - 3, row), Linear(rgb, column + 3, row), Linear(rgb, column, row));
    }

    private static double Linear(byte[] rgb, int x, int y) => SrgbTable.Linear[rgb[3 * ((y * Side) + x)]];

    // A dark cube seen head on: its near face reaches so many pixels to either side of a middle that lies so far to
    // the right of the picture's, and its middle is at the horizon.
    private static Scene HeadOn(float middle, float halfPixels)
    {
        const float distance = 4f, view = 0.7f;
        var pixel = 2 * distance * MathF.Tan(view / 2) / Side;
        var half = halfPixels * pixel;
        var scene = new Scene
        {
            Look = Look.Cubeworld,
            Camera = new()
            {
                Eye = new(0f, 3f, distance + half), Target = new(0f, 3f, 0f), FieldOfView = view,
            },
        };
        scene.Blocks.Add(new()
        {
            Position = new(middle * pixel, 3f, 0f), HalfExtents = new(half), Material = Material.Flat,
            Color = new(0.1f),
        });

        return scene;
    }
}
