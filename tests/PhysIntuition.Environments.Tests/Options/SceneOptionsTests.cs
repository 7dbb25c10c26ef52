using PhysIntuition.Environments.Episodes;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Options;

/// <summary>What is drawn from a range lies in it, and the whole range comes about.</summary>
public sealed class SceneOptionsTests
{
    private const int Scenes = 48;

    private static readonly string[] s_tasks =
        ["Stability-v1", "PyramidStability-v1", "Offset-v1", "Push-v1", "PushRest-v1", "Collision-v1", "Balance-v1"];

    public static TheoryData<string> Tasks => new(s_tasks);

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_Gravity_IsDrawnFromItsRange(string task) => AssertSpread(
        task, """{"physics":{"gravity":{"min":4,"max":12}}}""", 4, 12, episode => episode.World.Gravity);

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_Friction_IsDrawnFromItsRangeAndIsEveryBodys(string task)
    {
        AssertSpread(task, """{"physics":{"friction":{"min":0.2,"max":0.7}}}""", 0.2, 0.7, episode =>
        {
            Assert.All(episode.World.Bodies, body => Assert.Equal(episode.World.GroundFriction, body.Friction));
            return episode.World.GroundFriction;
        });
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_Density_IsDrawnFromItsRangeAndMakesMassWithTheVolume(string task)
    {
        AssertSpread(task, """{"physics":{"density":{"min":100,"max":900}}}""", 100, 900, episode =>
        {
            var densities = episode.World.Bodies.Where(body => body.Motion == Motion.Dynamic).Select(body =>
                body.Mass / (8.0 * body.HalfExtents.X * body.HalfExtents.Y * body.HalfExtents.Z)).ToList();
            Assert.All(densities, density => Assert.Equal(densities[0], density, 0.01));
            return densities[0];
        });
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_CameraAzimuth_IsDrawnFromItsRange(string task) => AssertSpread(
        task, """{"camera":{"azimuth":{"min":-30,"max":20}}}""", -30, 20, episode =>
            Degrees(Math.Atan2(Way(episode).X, Way(episode).Z)));

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_CameraElevation_IsDrawnFromItsRange(string task) => AssertSpread(
        task, """{"camera":{"elevation":{"min":5,"max":45}}}""", 5, 45, episode =>
            Degrees(Math.Asin(Way(episode).Y / Way(episode).Length())));

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_FieldOfView_IsDrawnFromItsRange(string task) => AssertSpread(
        task, """{"camera":{"fieldOfView":{"min":20,"max":60}}}""", 20, 60, episode =>
            Degrees(episode.Camera.FieldOfView));

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_LightElevation_IsDrawnFromItsRange(string task) => AssertSpread(
        task, """{"light":{"elevation":{"min":25,"max":80}}}""", 25, 80, episode =>
            Degrees(Math.Asin(episode.Light.SunDirection.Y)));

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_LightStrength_IsDrawnFromItsRange(string task) => AssertSpread(
        task, """{"light":{"strength":{"min":0.5,"max":1.5}}}""", 0.5, 1.5, episode =>
            episode.Light.SunColor.X / new Light().SunColor.X);

    [Theory]
    [InlineData("Stability-v1", "blocks", 2, 10)]
    [InlineData("PushOutcome-v1", "blocks", 2, 6)]
    [InlineData("PyramidStability-v1", "rows", 2, 4)]
    [InlineData("Push-v1", "blocks", 1, 4)]
    [InlineData("Balance-v1", "weights", 1, 3)]
    public void Reset_Count_TakesEveryNumberOfItsRange(string task, string name, int min, int max)
    {
        var json = $$"""{"{{name}}":{"min":{{min}},"max":{{max}}} }""";
        var counts = Episodes(task, json, 96).Select(episode => task switch
        {
            "PyramidStability-v1" => episode.World.Bodies.DistinctBy(body => Math.Round(body.Position.Y, 2)).Count(),
            "Push-v1" => episode.World.Bodies.Count - 1,      // beside the red one
            "Balance-v1" => episode.World.Bodies.Count - 3,   // beside fulcrum, beam and the red one
            _ => episode.World.Bodies.Count,
        });

        Assert.Equal(Enumerable.Range(min, max - min + 1), counts.Distinct().Order());
    }

    [Theory]
    [InlineData("Stability-v1")]
    [InlineData("Offset-v1")]
    [InlineData("PushOutcome-v1")]
    public void Reset_BlockWidthAndHeight_AreDrawnForEachBlock(string task)
    {
        const string json = """{"blockWidth":{"min":0.4,"max":1.2},"blockHeight":{"min":0.5,"max":1.4}}""";
        var blocks = Episodes(task, json, Scenes).SelectMany(episode => episode.World.Bodies).ToList();

        Assert.All(blocks, body => Assert.InRange(2 * body.HalfExtents.X, 0.4f - 1e-5f, 1.2f + 1e-5f));
        // The one below a red block is trimmed to a whole hundredth, by a hundredth and 3 mm at most.
        Assert.All(blocks, body => Assert.InRange(body.HalfExtents.Y, (0.5f * body.HalfExtents.X) - 0.007f,
            (1.4f * body.HalfExtents.X) + 1e-5f));
        Assert.True(blocks.Max(body => body.HalfExtents.X) > 2.4f * blocks.Min(body => body.HalfExtents.X));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_PictureSize_IsTheCamerasAspectAlone(string task)
    {
        var (square, wide) = (Episodes(task, "{}", 8), Episodes(task, """{"pictureWidth":448}""", 8));

        foreach (var (one, other) in square.Zip(wide))
        {
            Assert.Equal(one.World.Bodies, other.World.Bodies);
            Assert.Equal(one.State, other.State);
            Assert.NotEqual(one.Camera, other.Camera);
        }
    }

    [Theory]
    [InlineData("""{"palette":"greys","surface":"stone"}""")]
    [InlineData("""{"ground":"table","style":"schematic"}""")]
    [InlineData("""{"camera":{"azimuth":{"min":30,"max":40}},"light":{"sky":{"min":0.5,"max":0.5}}}""")]
    [InlineData("""{"prompt":"{question} {form}","examples":3}""")]
    public void Reset_OptionsOfLooks_LeaveBodiesAndLabelsAsTheyAre(string json)
    {
        foreach (var task in s_tasks)
        {
            Assert.All(Episodes(task, "{}", 8).Zip(Episodes(task, json, 8)), pair =>
            {
                Assert.Equal(pair.First.World.Bodies, pair.Second.World.Bodies);
                Assert.Equal(pair.First.State, pair.Second.State);
                Assert.Equal(pair.First.OutcomeHash, pair.Second.OutcomeHash);
            });
        }
    }

    private static void AssertSpread(
        string task, string json, double min, double max, Func<Episode, double> measure)
    {
        var slack = 1e-4 * Math.Max(Math.Abs(min), Math.Abs(max));
        var values = Episodes(task, json, Scenes).Select(measure).ToList();

        Assert.All(values, value => Assert.InRange(value, min - slack, max + slack));
        // Of 48 even draws, the odds that a fifth at either end stays empty are 2 in 100,000; the seeds are fixed.
        Assert.True(values.Min() < min + (0.25 * (max - min)) && values.Max() > max - (0.25 * (max - min)),
            $"drawn from {values.Min()} to {values.Max()}");
    }

    private static System.Numerics.Vector3 Way(Episode episode) => episode.Camera.Eye - episode.Camera.Target;

    private static double Degrees(double radians) => radians * 180 / Math.PI;

    private static List<Episode> Episodes(string task, string json, int scenes)
    {
        var batch = Given.Batch(task, scenes, options: json);
        batch.Reset(2000);

        return [.. Enumerable.Range(0, scenes).Select(slot => batch.View.Episode(slot))];
    }
}
