using PhysIntuition.Environments.Episodes;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>What slides on the ground against kinematics in closed form: no steps, no engine.</summary>
public sealed class SlidingLabelTests
{
    private const int Scenes = 64;

    public static TheoryData<string> Grounds =>
    [
        "{}",
        """{"physics":{"friction":{"min":0.15,"max":0.8}}}""",
        """{"physics":{"gravity":{"min":3.7,"max":25},"friction":{"min":0.3,"max":0.5}}}""",
        """{"blockWidth":{"min":0.4,"max":0.4},"speed":{"min":2,"max":2.5}}""",
    ];

    [Theory]
    [MemberData(nameof(Grounds))]
    public void Reset_PushRest_StopsAfterTheWorkOfFriction(string options)
    {
        foreach (var episode in Episodes("PushRest-v1", options))
        {
            var (body, world) = (episode.World.Bodies[0], episode.World);
            double v = body.LinearVelocity.X;
            // m v² / 2 = mu m g d
            var way = Math.Sign(v) * v * v / (2 * world.GroundFriction * world.Gravity);

            var expert = episode.State.Expert[0] / 100;
            Assert.Equal(way, expert, 0.01 + (0.03 * Math.Abs(way)));
            var moved = (double)episode.State.Target.X - episode.State.Start.X;
            Assert.Equal(Math.Round(moved * 100) / 100, expert, 1e-9);
        }
    }

    [Theory]
    [MemberData(nameof(Grounds))]
    public void Reset_CollisionStop_StopsWhereMomentumAndFrictionSay(string options)
    {
        var within = new List<double>();
        foreach (var episode in Episodes("CollisionStop-v1", options))
        {
            var (_, struck) = After(episode.World);
            var slowing = episode.World.GroundFriction * (double)episode.World.Gravity;
            var way = Math.Sign(struck) * struck * struck / (2 * slowing);
            within.Add(Math.Abs(way - (episode.State.Expert[0] / 100)) / Math.Max(0.05, Math.Abs(way)));
        }

        // Blocks turn a little in the engine, which costs way; half of them lose next to nothing.
        Assert.True(within.Order().ElementAt(Scenes / 2) < 0.08, $"median {within.Order().ElementAt(Scenes / 2)}");
        Assert.True(within.Count(share => share < 0.3) > 0.9 * Scenes);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"physics":{"friction":{"min":0.05,"max":0.3},"restitution":{"min":0,"max":0.9}}}""")]
    [InlineData("""{"speed":{"min":1,"max":1.5}}""")]
    [InlineData("""{"physics":{"gravity":{"min":1.62,"max":1.62}}}""")]
    public void Reset_Collision_RedLeavesTowardsWhereMomentumSendsIt(string options)
    {
        foreach (var episode in Episodes("Collision-v1", options))
        {
            var (left, right) = After(episode.World);
            var red = episode.State.Subject == 0 ? left : right;

            Assert.Equal(red > 0, episode.State.IsYes);
            Assert.Equal(episode.State.IsYes ? 1 : 0, episode.State.Expert[0]);
        }
    }

    [Fact]
    public void Reset_Collisions_NeverShowABlockThatCannotReachTheOther()
    {
        foreach (var episode in Episodes("Collision-v1", """{"physics":{"friction":{"min":0.8,"max":1.2}}}"""))
        {
            var (a, b) = (episode.World.Bodies[0], episode.World.Bodies[1]);
            var gap = Math.Abs(a.Position.X - b.Position.X) - a.HalfExtents.X - b.HalfExtents.X;
            var slowing = 2.0 * episode.World.GroundFriction * episode.World.Gravity;
            var reach = ((double)a.LinearVelocity.X * a.LinearVelocity.X / slowing)
                + ((double)b.LinearVelocity.X * b.LinearVelocity.X / slowing);

            Assert.InRange(gap, 0.01, reach);
        }
    }

    [Fact]
    public void Reset_Mirrored_BothSidesComeAboutAlikeOften()
    {
        foreach (var task in (string[])["PushRest-v1", "CollisionStop-v1"])
        {
            var toTheRight = Episodes(task, "{}", 400).Count(episode => episode.State.Expert[0] > 0);

            Assert.InRange(toTheRight, 160, 240);   // four standard deviations of a fair coin
        }
    }

    // Speeds just after the two have met, from t of the first touch: x(t) = x0 + v t - sign(v) a t² / 2 until v is 0.
    private static (double First, double Second) After(World world)
    {
        var (a, b) = (world.Bodies[0], world.Bodies[1]);
        var slowing = world.GroundFriction * (double)world.Gravity;
        var reach = (double)a.HalfExtents.X + b.HalfExtents.X;
        var side = Math.Sign(b.Position.X - a.Position.X);
        double low = 0, high = Math.Max(StopTime(a, slowing), StopTime(b, slowing));
        for (var halving = 0; halving < 60; halving++)
        {
            var middle = (low + high) / 2;
            var apart = side * (Place(b, slowing, middle) - Place(a, slowing, middle)) > reach;
            (low, high) = apart ? (middle, high) : (low, middle);
        }

        double va = Speed(a, slowing, low), vb = Speed(b, slowing, low), e = world.GroundRestitution;
        double ma = a.Mass, mb = b.Mass, common = ((ma * va) + (mb * vb)) / (ma + mb);

        // In the frame of the common centre each turns back with e of its speed.
        return (common - (e * (va - common)), common - (e * (vb - common)));
    }

    private static double StopTime(in Body body, double slowing) => Math.Abs(body.LinearVelocity.X) / slowing;

    private static double Speed(in Body body, double slowing, double time) => time >= StopTime(body, slowing)
        ? 0
        : body.LinearVelocity.X - (Math.Sign(body.LinearVelocity.X) * slowing * time);

    private static double Place(in Body body, double slowing, double time)
    {
        var t = Math.Min(time, StopTime(body, slowing));
        return body.Position.X + (body.LinearVelocity.X * t)
            - (Math.Sign(body.LinearVelocity.X) * slowing * t * t / 2);
    }

    private static IEnumerable<Episode> Episodes(string task, string options, int scenes = Scenes)
    {
        var batch = Given.Batch(task, scenes, options: options);
        batch.Reset(300);

        return Enumerable.Range(0, scenes).Select(slot => batch.View.Episode(slot));
    }
}
