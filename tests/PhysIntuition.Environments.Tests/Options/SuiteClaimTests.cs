using System.Numerics;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Splits;

/// <summary>What each suite says of itself, measured on its scenes.</summary>
public sealed class SuiteClaimTests
{
    private const int Scenes = 12;
    private const double Rounding = 1e-4;

    public static TheoryData<string, string> Cases => new(
        from suite in SuiteCatalog.All
        from id in (string[])["Stability-v1", "Offset-v1", "Collision-v1", "Push-v1", "Count-v1", "Describe-v1",
            "Jenga-v1", "Build-v1", "SslRotation-v1"]
        where suite.Applies(TaskCatalog.Find(id).Spec)
        select (suite.Name, id));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Reset_SceneOfASuite_IsWhatTheSuiteSays(string name, string id)
    {
        Assert.All(Episodes(id, name), episode => AssertClaim(name, episode));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Reset_SceneOutsideTheSuite_IsNotOfIt(string name, string id)
    {
        var plain = Episodes(id, suite: null);

        Assert.Contains(plain, episode => Record.Exception(() => AssertClaim(name, episode)) is not null);
    }

    [Fact]
    public void All_Names_AreLowerCaseVersionedAndTold()
    {
        Assert.Equal(SuiteCatalog.All.Count, SuiteCatalog.All.Select(suite => suite.Name).Distinct().Count());
        Assert.All(SuiteCatalog.All, suite =>
        {
            Assert.Matches("^[a-z]+-v[0-9]+$", suite.Name);
            Assert.Matches("^[a-z]+$", suite.Axis);
            Assert.EndsWith(".", suite.Summary);
        });
    }

    [Fact]
    public void Apply_SuiteOverOptionsOfOnesOwn_KeepsTheRest()
    {
        var own = new StabilityOptions { Examples = 3, Blocks = new(2, 2), Reward = YesNoReward.Signed };
        var spec = new Stability().Spec;

        var tall = (StabilityOptions)SuiteCatalog.Find(spec, "tall-v1").Apply(own);

        Assert.Equal(own with { Blocks = new(6, 10) }, tall);
        Assert.Equal(own, SuiteCatalog.Find(spec, "val").Apply(own));
    }

    [Theory]
    [InlineData(null, Split.Train, null)]
    [InlineData("", Split.Train, null)]
    [InlineData("  ", Split.Train, null)]
    [InlineData("TEST", Split.Test, null)]
    [InlineData(" heldout ", Split.Heldout, null)]
    [InlineData("tall-v1", Split.Test, "tall-v1")]
    [InlineData("Tall-V1", Split.Test, "tall-v1")]
    [InlineData("train/moon-v1", Split.Train, "moon-v1")]
    [InlineData("Val/pairs-v1", Split.Val, "pairs-v1")]
    public void Find_Name_GivesSplitAndSuite(string? name, Split split, string? suite)
    {
        var choice = SuiteCatalog.Find(new Stability().Spec, name);

        Assert.Equal((split, suite), (choice.Split, choice.Suite?.Name));
        var written = split.ToString().ToLowerInvariant() + (suite is null ? "" : $"/{suite}");
        Assert.Equal(written, choice.Name);
        Assert.Equal(choice, SuiteCatalog.Find(new Stability().Spec, written));
    }

    [Theory]
    [InlineData("Collision-v1", "tall-v1")]      // has no tower
    [InlineData("Offset-v1", "pairs-v1")]        // has no pairs
    [InlineData("RealTowers-v1", "pastel-v1")]   // has photographs
    [InlineData("RealTowers-v1", "train")]
    [InlineData("PushOutcome-v1", "hard-v1")]    // has no difficulty
    public void Find_SuiteThatDoesNotApply_IsUnknown(string id, string name) => Assert.Equal("split",
        Assert.Throws<Faults.PhysIntuitionException>(() => SuiteCatalog.Find(TaskCatalog.Find(id).Spec, name)).Field);

    private static void AssertClaim(string suite, Episode episode)
    {
        var (world, options) = (episode.World, episode.Options);
        switch (suite)
        {
            case "tall-v1":
                Assert.InRange(TowerOf(episode).Count, 6, 10);
                break;
            case "low-v1":
                Assert.Equal(2, TowerOf(episode).Count);
                break;
            case "small-v1":
                Assert.All(TowerOf(episode), body => AssertWithin(2 * body.HalfExtents.X, 0.4, 0.6));
                break;
            case "flat-v1":
                // The block under the red one is trimmed by up to a hundredth of a metre.
                Assert.All(TowerOf(episode), body =>
                    Assert.InRange(body.HalfExtents.Y / body.HalfExtents.X, 0.38, 0.61));
                break;
            case "easy-v1":
                AssertWithin(Math.Abs(episode.State.Margin), 0.16, 0.30);
                break;
            case "hard-v1":
                AssertWithin(Math.Abs(episode.State.Margin), 0.02, 0.08);
                break;
            case "pastel-v1":
                Assert.All(Painted(episode), color =>
                    Assert.True(Math.Min(color.X, Math.Min(color.Y, color.Z)) > 0.3f));
                break;
            case "grey-v1":
                Assert.All(Painted(episode), color => Assert.True(color.X == color.Y && color.Y == color.Z));
                break;
            case "wood-v1":
                Assert.All(episode.Appearances, look => Assert.Equal(Material.PlainWood, look.Material));
                Assert.All(Painted(episode), color => Assert.True(color.X > color.Y && color.Y > color.Z));
                Assert.Equal(Ground.Planks, options.Ground);
                break;
            case "stone-v1":
                Assert.All(episode.Appearances, look => Assert.Equal(Material.Stone, look.Material));
                Assert.Equal(Ground.Checker, options.Ground);
                break;
            case "cubeworld-v1":
                Assert.All(episode.Appearances, look => Assert.Equal(Material.Flat, look.Material));
                Assert.Equal(Look.Cubeworld, options.Style);
                break;
            case "photo-v1":
                Assert.Equal((Look.Photo, Ground.Backdrop), (options.Style, options.Ground));
                break;
            case "side-v1":
                AssertWithin(Degrees(Math.Atan2(Way(episode).X, Way(episode).Z)), 25, 40);
                break;
            case "above-v1":
                AssertWithin(Degrees(Math.Asin(Way(episode).Y / Way(episode).Length())), 28, 40);
                break;
            case "far-v1":
                AssertWithin(options.Camera.Distance.Min, 1.6, 2);
                AssertWithin(options.Camera.Distance.Max, 1.6, 2);
                break;
            case "evening-v1":
                AssertWithin(Degrees(Math.Asin(episode.Light.SunDirection.Y)), 22, 32);
                break;
            case "dim-v1":
                Assert.Equal(0.33f, episode.Light.SunColor.X / new Light().SunColor.X, 1e-3f);
                Assert.Equal(0.66f, episode.Light.SkyColor.X / new Light().SkyColor.X, 1e-3f);
                break;
            case "slippery-v1":
                Assert.Equal(0.3f, world.GroundFriction);
                Assert.All(world.Bodies, body => Assert.Equal(0.3f, body.Friction));
                break;
            case "dense-v1":
                Assert.All(world.Bodies, body => Assert.Equal(4000, body.Mass / Volume(body), 0.5));
                break;
            case "moon-v1":
                Assert.Equal(1.62f, world.Gravity);
                break;
            case "many-v1":
                Assert.InRange(world.Bodies.Count, 9, 12);
                break;
            case "high-v1":
                Assert.InRange(world.Bodies.Count, 5, 6);
                break;
            case "cottage-v1":
                Assert.Equal(5, world.Bodies.Count);   // three posts, a plank and the weight
                break;
            case "fixed-v1":
                Assert.Equal(2 + ((int)(episode.Seed % 40) * 7 / 40), world.Bodies.Count);
                break;
            case "little-v1":
                Assert.All(world.Bodies, body => AssertWithin(2 * body.HalfExtents.X, 0.2, 0.3));
                break;
            case "pairs-v1":
                Assert.True(((IPairOptions)options).Pairs);
                break;
            default:
                Assert.Fail($"The suite {suite} claims nothing that is measured here.");
                break;
        }
    }

    private static void AssertWithin(double value, double min, double max) =>
        Assert.InRange(value, min - (Rounding * Math.Abs(min)), max + (Rounding * Math.Abs(max)));

    private static IEnumerable<Vector3> Painted(Episode episode) => episode.Appearances
        .Select(look => look.Color).Where(color => color != Paints.Red);

    // A tower without the red block that is to stand on it.
    private static List<Body> TowerOf(Episode episode) => [.. episode.World.Bodies.Where((_, k) =>
        episode.Options is not OffsetOptions || k != episode.State.Subject)];

    private static Vector3 Way(Episode episode) => episode.Camera.Eye - episode.Camera.Target;

    private static double Volume(in Body body) =>
        8.0 * body.HalfExtents.X * body.HalfExtents.Y * body.HalfExtents.Z;

    private static double Degrees(double radians) => radians * 180 / Math.PI;

    private static List<Episode> Episodes(string id, string? suite)
    {
        var task = TaskCatalog.Find(id);
        var choice = SuiteCatalog.Find(task.Spec, suite is null ? "test" : $"test/{suite}");
        var batch = new EnvironmentBatch(task, new BatchOptions
        {
            Slots = Scenes, Split = choice.Split, Task = choice.Apply(OptionsReader.DefaultsOf(task.Spec)),
        }, Given.Simulator);
        batch.Reset(40);

        return [.. Enumerable.Range(0, Scenes).Select(slot => batch.View.Episode(slot))];
    }
}
