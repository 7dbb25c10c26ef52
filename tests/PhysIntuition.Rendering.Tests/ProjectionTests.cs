using System.Numerics;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Pixels whose places are known in closed form: a square seen head on, the ground, the horizon.</summary>
public sealed class ProjectionTests
{
    // Width, height, field of view, distance from the eye to the face, half the edge.
    public static TheoryData<int, int, float, float, float> Views => new()
    {
        { 64, 64, 0.7f, 3f, 0.5f }, { 101, 77, 0.7f, 3f, 0.5f }, { 128, 48, 1.2f, 2f, 0.4f },
        { 48, 128, 0.4f, 6f, 0.5f },
        { 200, 200, 0.35f, 20f, 1.5f }, { 33, 33, 1.5f, 1f, 0.3f }, { 224, 224, 0.7f, 0.7f, 0.1f },
    };

    [Theory]
    [MemberData(nameof(Views))]
    public void Draw_SquareSeenHeadOn_FillsTheColumnsAndRowsOfItsProjection(
        int width, int height, float view, float distance, float half)
    {
        var seen = Frames.Of(HeadOn(view, distance, half), width, height);
        var reach = half * height / (2 * Math.Tan(view / 2)) / distance;   // pixels from the middle
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                double fromX = Math.Abs(x + 0.5 - (width / 2.0)), fromY = Math.Abs(y + 0.5 - (height / 2.0));
                if (Math.Abs(fromX - reach) < 0.01 || Math.Abs(fromY - reach) < 0.01)
                {
                    continue;   // the edge runs through the middle of the pixel
                }

                Assert.Equal(fromX < reach && fromY < reach, seen.Segmentation[(y * width) + x] == 1);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Views))]
    public void Draw_SquareSeenHeadOn_HasOneDepthAndFacesTheEye(
        int width, int height, float view, float distance, float half)
    {
        var seen = Frames.Of(HeadOn(view, distance, half), width, height);
        var own = Enumerable.Range(0, width * height).Where(i => seen.Segmentation[i] == 1).ToList();

        Assert.NotEmpty(own);
        Assert.All(own, i =>
        {
            Assert.Equal(distance, seen.Depth[i], distance * 1e-5f);
            Assert.Equal(0f, seen.Normals[3 * i], 1e-6f);
            Assert.Equal(0f, seen.Normals[(3 * i) + 1], 1e-6f);
            Assert.Equal(1f, seen.Normals[(3 * i) + 2], 1e-6f);
        });
    }

    [Theory]
    [InlineData(0.7f, 2f)]
    [InlineData(1.3f, 0.5f)]
    [InlineData(0.3f, 10f)]
    public void Draw_EmptyGround_HasTheDepthOfItsRowAndTheHorizonInTheMiddle(float view, float eye)
    {
        const int width = 20, height = 60;
        var scene = new Scene { Camera = new() { Eye = new(0, eye, 5), Target = new(0, eye, 0), FieldOfView = view } };
        var seen = Frames.Of(scene, width, height);
        for (var y = 0; y < height; y++)
        {
            var slope = (y + 0.5 - (height / 2.0)) * 2 * Math.Tan(view / 2) / height;   // down for each m forward
            for (var x = 0; x < width; x += 7)
            {
                var at = (y * width) + x;
                Assert.Equal(slope > 0 ? 0 : 255, seen.Segmentation[at]);
                if (slope > 0)
                {
                    Assert.Equal(eye / slope, seen.Depth[at], 1e-4 * eye / slope);
                    Assert.Equal([0f, 1f, 0f], seen.Normals[(3 * at)..((3 * at) + 3)]);
                }
            }
        }
    }

    [Theory]
    [InlineData(2f)]
    [InlineData(0.25f)]
    public void Draw_EverythingScaled_ShowsTheSamePictureAtScaledDepths(float factor)
    {
        var (scene, scaled) = (Given.Clutter(4, 7), Given.Clutter(4, 7));
        for (var i = 0; i < scaled.Blocks.Count; i++)
        {
            scaled.Blocks[i] = scaled.Blocks[i] with
            {
                Position = scaled.Blocks[i].Position * factor, HalfExtents = scaled.Blocks[i].HalfExtents * factor,
            };
        }

        scaled.Camera = scaled.Camera with { Eye = scaled.Camera.Eye * factor, Target = scaled.Camera.Target * factor };
        var (one, other) = (Frames.Of(scene, 64, 64), Frames.Of(scaled, 64, 64));

        // A power of two changes exponents alone.
        Assert.Equal(one.Segmentation, other.Segmentation);
        Assert.All(one.Depth.Zip(other.Depth).Where(pair => float.IsFinite(pair.First)), pair =>
            Assert.Equal(pair.First * factor, pair.Second, pair.Second * 1e-5f));
    }

    [Fact]
    public void Draw_MirroredScene_IsTheMirroredPicture()
    {
        const int side = 64;
        var (scene, mirrored) = (Boxes(), Boxes());
        for (var i = 0; i < mirrored.Blocks.Count; i++)
        {
            var place = mirrored.Blocks[i].Position;
            mirrored.Blocks[i] = mirrored.Blocks[i] with { Position = place with { X = -place.X } };
        }

        var (one, other) = (Frames.Of(scene, side, side), Frames.Of(mirrored, side, side));
        var differing = 0;
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                differing += one.Segmentation[(y * side) + x] == other.Segmentation[(y * side) + side - 1 - x] ? 0 : 1;
            }
        }

        Assert.InRange(differing, 0, 2);   // rays that meet an edge round to either side
    }

    [Theory]
    [InlineData(3f, 0f)]
    [InlineData(-40f, 17f)]
    public void Draw_EverythingMovedAlongTheGround_ShowsTheSameShapes(float x, float z)
    {
        var (scene, moved) = (Boxes(), Boxes());
        var way = new Vector3(x, 0, z);
        for (var i = 0; i < moved.Blocks.Count; i++)
        {
            moved.Blocks[i] = moved.Blocks[i] with { Position = moved.Blocks[i].Position + way };
        }

        moved.Camera = moved.Camera with { Eye = moved.Camera.Eye + way, Target = moved.Camera.Target + way };
        var (one, other) = (Frames.Of(scene, 64, 64), Frames.Of(moved, 64, 64));

        Assert.InRange(one.Segmentation.Zip(other.Segmentation).Count(pair => pair.First != pair.Second), 0, 12);
    }

    [Fact]
    public void Draw_TwiceTheDistance_QuartersTheArea()
    {
        int Area(float distance) => Frames.Of(HeadOn(0.7f, distance, 0.5f), 256, 256).Segmentation.Count(id => id == 1);

        Assert.Equal(4.0, Area(3f) / (double)Area(6f), 0.1);
        Assert.Equal(2.25, Area(2f) / (double)Area(3f), 0.1);   // whole pixels on either side
    }

    [Fact]
    public void Project_Corners_LieAtTheOutlinesOfTheDrawnCube()
    {
        var scene = HeadOn(0.7f, 3f, 0.5f);
        var seen = Frames.Of(scene, 128, 128);
        var columns = Enumerable.Range(0, 128).Where(x => seen.Segmentation[(64 * 128) + x] == 1).ToList();
        var corner = Oracle.Project(scene.Camera, 128, 128, scene.Blocks[0].Position + new Vector3(0.5f, 0.5f, 0.5f));

        Assert.Equal(corner.X, columns[^1] + 1, 1f);
        Assert.Equal(128 - corner.X, columns[0], 1f);
    }

    // A cube whose near face is that far before an eye at its middle's height, which looks straight at it.
    private static Scene HeadOn(float view, float distance, float half)
    {
        var scene = new Scene
        {
            Camera = new()
            {
                Eye = new(0, 2 * half, distance + half), Target = new(0, 2 * half, 0), FieldOfView = view,
            },
        };
        scene.Blocks.Add(new() { Position = new(0, 2 * half, 0), HalfExtents = new(half) });

        return scene;
    }

    private static Scene Boxes()
    {
        var scene = new Scene { Camera = new() { Eye = new(0, 1.5f, 4), Target = new(0, 0.6f, 0) } };
        scene.Blocks.Add(new() { Position = new(-0.6f, 0.3f, 0.2f), HalfExtents = new(0.3f, 0.3f, 0.25f) });
        scene.Blocks.Add(new() { Position = new(0.35f, 0.5f, -0.4f), HalfExtents = new(0.2f, 0.5f, 0.2f) });
        scene.Blocks.Add(new() { Position = new(-0.5f, 0.8f, 0.1f), HalfExtents = new(0.35f, 0.2f, 0.3f) });

        return scene;
    }
}
