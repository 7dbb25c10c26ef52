using System.Numerics;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>What a question is about is in the picture: bodies, marks and the way to the right answer, by a pinhole's
/// projection.</summary>
public sealed class ViewTests
{
    private const int Scenes = 24;
    private const float Away = 5f;   // m before or behind the scene lies what is out of sight

    private static readonly string[] s_views =
    [
        "{}",
        """{"camera":{"azimuth":{"min":-45,"max":-45},"elevation":{"min":60,"max":60}}}""",
        """{"camera":{"azimuth":{"min":45,"max":45},"elevation":{"min":2,"max":2}}}""",
        """{"camera":{"fieldOfView":{"min":80,"max":80}}}""",
        """{"camera":{"fieldOfView":{"min":10,"max":10}},"pictureWidth":448,"pictureHeight":224}""",
        """{"pictureWidth":160,"pictureHeight":320}""",
    ];

    public static TheoryData<string, string> Cases => new(
        from task in TaskCatalog.All
        where task is not IPictureTask
        from view in s_views
        select (task.Spec.Id, view));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Reset_Bodies_LieInThePictureWithAllTheirCorners(string id, string options)
    {
        foreach (var episode in Episodes(id, options))
        {
            foreach (var body in episode.World.Bodies.Where(body => Math.Abs(body.Position.Z) < Away))
            {
                for (var corner = 0; corner < 8; corner++)
                {
                    var way = new Vector3(
                        (corner & 1) == 0 ? -1 : 1, (corner & 2) == 0 ? -1 : 1, (corner & 4) == 0 ? -1 : 1);
                    AssertInside(episode, body.Position + (way * body.HalfExtents));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Reset_Marks_LieInThePicture(string id, string options)
    {
        foreach (var episode in Episodes(id, options))
        {
            foreach (var mark in episode.Overlays)
            {
                AssertInside(episode, mark.From);
                if (mark.Kind == OverlayKind.Arrow)
                {
                    AssertInside(episode, mark.To);
                }
                else if (mark.Kind == OverlayKind.Zone)
                {
                    AssertInside(episode, mark.From + new Vector3(mark.Size, 0f, 0f));
                    AssertInside(episode, mark.From - new Vector3(mark.Size, 0f, 0f));
                }
            }
        }
    }

    [Theory]
    [InlineData("Offset-v1")]
    [InlineData("OffsetX-v1")]
    [InlineData("OffsetRetry-v1")]
    [InlineData("Push-v1")]
    [InlineData("PushRest-v1")]
    [InlineData("Balance-v1")]   // the block that CollisionStop asks about may slide out of the picture
    public void Reset_RightPlace_LiesInThePictureToo(string id)
    {
        foreach (var episode in s_views.SelectMany(options => Episodes(id, options)))
        {
            AssertInside(episode, episode.State.Target);
        }
    }

    // On the picture from -1 to 1 in both directions; a zone's or a block's rim may touch its edge.
    private static void AssertInside(Episode episode, Vector3 place)
    {
        var (camera, options) = (episode.Camera, episode.Options);
        Vector3 way = place - camera.Eye, forward = Vector3.Normalize(camera.Target - camera.Eye);
        var right = Vector3.Normalize(Vector3.Cross(forward, Vector3.UnitY));
        var (depth, reach) = (Vector3.Dot(way, forward), MathF.Tan(camera.FieldOfView / 2));
        var x = Vector3.Dot(way, right) / (depth * reach * options.PictureWidth / options.PictureHeight);
        var y = Vector3.Dot(way, Vector3.Cross(right, forward)) / (depth * reach);

        Assert.True(depth > 0 && Math.Abs(x) <= 1.001f && Math.Abs(y) <= 1.001f,
            $"seed {episode.Seed}: {place} is seen at ({x}, {y})");
    }

    private static IEnumerable<Episode> Episodes(string id, string options)
    {
        var batch = Given.Batch(id, Scenes, options: options);
        batch.Reset(1300);

        return Enumerable.Range(0, Scenes).Select(slot => batch.View.Episode(slot));
    }
}
