using System.Numerics;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>What hides what: the nearest of the blocks drawn one by one, pixel by pixel.</summary>
public sealed class OcclusionTests
{
    private const int Side = 72;

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 9)]
    [InlineData(3, 16)]
    [InlineData(4, 40)]
    public void Draw_ManyBlocks_IsTheNearestOfThemDrawnAlone(ulong seed, int blocks)
    {
        var scene = Given.Clutter(seed, blocks);
        var whole = Frames.Of(scene, Side, Side);
        var (depth, owner) = Alone(scene);
        for (var i = 0; i < Side * Side; i++)
        {
            Assert.Equal(depth[i], whole.Depth[i], depth[i] * 2e-5f);
            // Where two blocks are equally far, either may be seen.
            Assert.True(owner[i] == whole.Segmentation[i] || Math.Abs(depth[i] - Frames.Of(
                Only(scene, whole.Segmentation[i] - 1), Side, Side).Depth[i]) < depth[i] * 2e-5f);
        }
    }

    [Fact]
    public void Draw_BlocksInAnotherOrder_ShowsTheSameUnderOtherIds()
    {
        var (scene, reversed) = (Given.Clutter(7, 9), Given.Clutter(7, 9));
        reversed.Blocks.Reverse();
        var (one, other) = (Frames.Of(scene, Side, Side), Frames.Of(reversed, Side, Side));

        // At seams of blocks that touch, equally far from the eye, the one listed first is seen.
        Assert.InRange(one.Rgb.Chunk(3).Zip(other.Rgb.Chunk(3)).Count(pair =>
            !pair.First.SequenceEqual(pair.Second)), 0, Side * Side / 200);
        Assert.Equal(one.Depth, other.Depth);
        Assert.InRange(one.Segmentation.Zip(other.Segmentation).Count(pair => pair.First != (pair.Second is 0 or 255
            ? pair.Second : scene.Blocks.Count + 1 - pair.Second)), 0, Side * Side / 200);
    }

    [Fact]
    public void Draw_SmallBlockBehindALargeOne_IsNotSeenAndBesideItIs()
    {
        var scene = Given.OneCube();
        var toEye = Vector3.Normalize((scene.Camera.Eye - scene.Camera.Target) with { Y = 0 });
        var small = new Block { Position = (-toEye * 0.5f) + new Vector3(0, 0.05f, 0), HalfExtents = new(0.05f) };
        scene.Blocks.Add(small);
        Assert.DoesNotContain((byte)2, Frames.Of(scene, Side, Side).Segmentation);

        scene.Blocks[1] = small with { Position = (toEye * 0.5f) + new Vector3(0, 0.05f, 0) };
        Assert.Contains((byte)2, Frames.Of(scene, Side, Side).Segmentation);
    }

    [Fact]
    public void Draw_BlockOutsideThePicture_ChangesNoShapes()
    {
        var (scene, more) = (Given.Clutter(5, 6), Given.Clutter(5, 6));
        more.Blocks.Add(new() { Position = more.Camera.Eye + (3 * (more.Camera.Eye - more.Camera.Target)) });

        Assert.Equal(Frames.Of(scene, Side, Side).Segmentation, Frames.Of(more, Side, Side).Segmentation);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    public void Draw_AnyNumberOfSamples_LeavesDepthAndIdsAsTheyAre(int samples)
    {
        var scene = Given.Clutter(9, 8);
        var (usual, own) = (Frames.Of(scene, Side, Side), Frames.Of(scene, Side, Side, samples));

        Assert.Equal(usual.Segmentation, own.Segmentation);
        Assert.Equal(usual.Depth, own.Depth);
        Assert.Equal(usual.Normals, own.Normals);
        // Samples soften outlines; faces stay.
        var changed = usual.Rgb.Zip(own.Rgb).Count(pair => Math.Abs(pair.First - pair.Second) > 8);
        Assert.True(changed < usual.Rgb.Length / 8, $"{changed} values");
    }

    [Fact]
    public void Draw_ManyScenesAtATime_AreThoseDrawnAlone()
    {
        Scene[] scenes = [.. Enumerable.Range(0, 7).Select(seed => Given.Clutter((ulong)seed, 1 + (3 * seed)))];
        var size = Side * Side;
        var (rgb, ids) = (new byte[scenes.Length * size * 3], new byte[scenes.Length * size]);
        new CpuRenderer().Draw(scenes, new(Side, Side, Channels.Rgb | Channels.Segmentation), new()
        {
            Rgb = rgb, Segmentation = ids,
        });
        for (var i = 0; i < scenes.Length; i++)
        {
            var alone = Frames.Of(scenes[i], Side, Side);
            Assert.Equal(alone.Rgb, rgb[(i * size * 3)..((i + 1) * size * 3)]);
            Assert.Equal(alone.Segmentation, ids[(i * size)..((i + 1) * size)]);
        }
    }

    private static (float[] Depth, int[] Owner) Alone(Scene scene)
    {
        var empty = Frames.Of(Only(scene, -1), Side, Side);
        float[] depth = [.. empty.Depth];
        int[] owner = [.. empty.Segmentation.Select(id => (int)id)];
        for (var k = 0; k < scene.Blocks.Count; k++)
        {
            var alone = Frames.Of(Only(scene, k), Side, Side);
            for (var i = 0; i < depth.Length; i++)
            {
                (depth[i], owner[i]) = alone.Segmentation[i] == 1 && alone.Depth[i] < depth[i]
                    ? (alone.Depth[i], k + 1) : (depth[i], owner[i]);
            }
        }

        return (depth, owner);
    }

    private static Scene Only(Scene scene, int block)
    {
        var only = new Scene { Camera = scene.Camera, Light = scene.Light, Ground = scene.Ground, Look = scene.Look };
        if (block >= 0 && block < scene.Blocks.Count)
        {
            only.Blocks.Add(scene.Blocks[block]);
        }

        return only;
    }
}
