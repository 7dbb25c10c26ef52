using PhysIntuition.Environments.Staging;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Staging;

/// <summary>Two blocks that meet: momentum, energy and ways in closed form.</summary>
public sealed class CollisionScenesTests
{
    private const int Pairs = 200;

    [Fact]
    public void Meet_RandomPairs_KeepMomentumAndTurnTheClosingSpeedBack()
    {
        var random = new RandomStream(11);
        for (var i = 0; i < Pairs; i++)
        {
            var (pair, bounce) = (Draw(ref random), random.NextFloat());
            var meeting = CollisionScenes.Meet(pair, friction: 0f, gravity: 9.81f, bounce);
            double ma = pair.LeftHalf, mb = pair.RightHalf, va = pair.LeftSpeed, vb = pair.RightSpeed;

            Assert.True(meeting.DoMeet);
            Assert.Equal(va - vb, meeting.Closing, 1e-6);
            Assert.Equal((ma * va) + (mb * vb), (ma * meeting.LeftSpeed) + (mb * meeting.RightSpeed), 1e-6);
            Assert.Equal(bounce * (va - vb), meeting.RightSpeed - meeting.LeftSpeed, 1e-6);

            // The energy that is lost is that of the relative motion, less what is given back of it.
            var relative = ma * mb / (ma + mb) * meeting.Closing * meeting.Closing / 2;
            Assert.Equal(
                relative * (1 - ((double)bounce * bounce)), Energy(ma, mb, va, vb)
                - Energy(ma, mb, meeting.LeftSpeed, meeting.RightSpeed), 1e-6);
        }
    }

    [Fact]
    public void Meet_WithoutFriction_IsWhereBothHaveGoneTheirWays()
    {
        var random = new RandomStream(12);
        for (var i = 0; i < Pairs; i++)
        {
            var pair = Draw(ref random);
            var meeting = CollisionScenes.Meet(pair, friction: 0f, gravity: 9.81f, restitution: 0f);
            var gap = pair.RightX - pair.LeftX - pair.LeftHalf - (double)pair.RightHalf;
            var time = gap / (pair.LeftSpeed - (double)pair.RightSpeed);

            // They are found at the first whole millisecond after the touch.
            Assert.Equal(pair.LeftX + (pair.LeftSpeed * time), meeting.LeftX, 0.0011 * pair.LeftSpeed);
            Assert.Equal(pair.RightX + (pair.RightSpeed * time), meeting.RightX, (0.0011 * -pair.RightSpeed) + 1e-6);
        }
    }

    [Fact]
    public void Meet_RestingBlock_IsStruckWithWhatFrictionLeft()
    {
        var random = new RandomStream(13);
        for (var i = 0; i < Pairs; i++)
        {
            var pair = Draw(ref random) with { RightSpeed = 0f };
            var (friction, gravity) = (random.NextFloat(0.05f, 0.6f), random.NextFloat(5f, 15f));
            var meeting = CollisionScenes.Meet(pair, friction, gravity, restitution: 0f);

            // v² = v0² - 2 mu g d; below 0 it stops before.
            var left = ((double)pair.LeftSpeed * pair.LeftSpeed) - (2.0 * friction * gravity
                * (pair.RightX - pair.LeftX - pair.LeftHalf - pair.RightHalf));
            if (Math.Abs(left) > 0.05)
            {
                Assert.Equal(left > 0, meeting.DoMeet);
                Assert.Equal(Math.Sqrt(Math.Max(0, left)), meeting.Closing, 0.03);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void SpeedAfter_MirroredScene_GoesTheOtherWayAsFast(int index)
    {
        var random = new RandomStream(14);
        for (var i = 0; i < Pairs; i++)
        {
            var pair = Draw(ref random);
            var (world, mirrored) = (WorldOf(pair, 1f), WorldOf(pair, -1f));
            var meeting = CollisionScenes.Meet(pair, world.GroundFriction, world.Gravity, world.GroundRestitution);

            Assert.Equal(
                index == 0 ? meeting.LeftSpeed : meeting.RightSpeed, CollisionScenes.SpeedAfter(world, index), 1e-9);
            Assert.Equal(
                CollisionScenes.SpeedAfter(world, index), -CollisionScenes.SpeedAfter(mirrored, index), 1e-9);
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(1, false)]
    public void WithSpeed_Way_IsTheLastSpeedThatIsClear(int red, bool goesRight)
    {
        const double clear = 0.15;
        const float step = 1 / 40f;   // of the left block's speed
        var (random, found) = (new RandomStream(15), 0);
        for (var i = 0; i < Pairs; i++)
        {
            var pair = Draw(ref random);
            var world = WorldOf(pair, 1f);
            if (CollisionScenes.WithSpeed(pair, red, goesRight, clear, world) is not { } chosen)
            {
                continue;
            }

            found++;
            Assert.Equal(pair with { RightSpeed = chosen.RightSpeed }, chosen);
            Assert.InRange(-chosen.RightSpeed / pair.LeftSpeed, 0.2f - 1e-5f, 1f + 1e-5f);
            Assert.True(Share(chosen) >= clear);

            // The faster the right block comes, the less goes to the right: one step on, it is no longer clear.
            var more = pair.LeftSpeed * step * (goesRight ? -1 : 1);
            var further = chosen with { RightSpeed = chosen.RightSpeed + more };
            if (-further.RightSpeed / pair.LeftSpeed is > 0.2f - 1e-5f and < 1f + 1e-5f)
            {
                Assert.True(Share(further) < clear);
            }

            double Share(in CollisionScenes.Pair some)
            {
                var meeting = CollisionScenes.Meet(
                    some, world.GroundFriction, world.Gravity, world.GroundRestitution);
                var share = (red == 0 ? meeting.LeftSpeed : meeting.RightSpeed) / meeting.Closing;
                return meeting.DoMeet ? goesRight ? share : -share : 0;
            }
        }

        Assert.True(found > 5, $"{found} of {Pairs} have one.");
    }

    [Theory]
    [InlineData(1.8f, 2.5f, 0.1f, 1.8f)]    // it slides much further: the gap stays
    [InlineData(1f, 2.5f, 0.1f, 1f)]
    [InlineData(1.8f, 1f, 0.5f, 0.0969f)]   // 1 / (2 0.5 9.81) = 0.102 m, and 95 % of that
    [InlineData(0.9f, 1f, 0.5f, 0.0484f)]   // the same share of a narrower one
    public void WithinReach_Gap_IsCrossedBeforeFrictionStopsTheBlock(
        float gap, float speed, float friction, float expected)
    {
        var world = new World { GroundFriction = friction, Gravity = 9.81f };
        var within = CollisionScenes.WithinReach(gap, maxGap: 1.8f, speed, world);

        Assert.Equal(expected, within, 1e-3f);
        Assert.True(within <= 0.95 * Laws.SlideOf(speed, world) + 1e-6);
    }

    [Theory]
    [InlineData(0f, "do not rebound")]
    [InlineData(0.5f, "rebound with about half of the speed at which they meet")]
    [InlineData(0.25f, "rebound with about 0.25 of the speed at which they meet")]
    public void Rebound_Restitution_IsToldInWords(float restitution, string words) =>
        Assert.Equal(words, CollisionScenes.Rebound(new World { GroundRestitution = restitution }));

    private static double Energy(double ma, double mb, double va, double vb) =>
        ((ma * va * va) + (mb * vb * vb)) / 2;

    private static CollisionScenes.Pair Draw(ref RandomStream random)
    {
        var (left, right) = (random.NextFloat(0.1f, 0.4f), random.NextFloat(0.1f, 0.4f));
        var gap = random.NextFloat(0.2f, 1.5f);

        return new((-gap / 2) - left, random.NextFloat(1f, 3f), left, (gap / 2) + right,
            -random.NextFloat(0.2f, 2f), right);
    }

    private static World WorldOf(in CollisionScenes.Pair pair, float sign)
    {
        var world = new World { GroundFriction = 0.1f, Gravity = 9.81f, GroundRestitution = 0.2f };
        world.Bodies.Add(new Body
        {
            Position = new(sign * pair.LeftX, 0f, 0f), HalfExtents = new(pair.LeftHalf, 0.25f, 0.25f),
            LinearVelocity = new(sign * pair.LeftSpeed, 0f, 0f),
        });
        world.Bodies.Add(new Body
        {
            Position = new(sign * pair.RightX, 0f, 0f), HalfExtents = new(pair.RightHalf, 0.25f, 0.25f),
            LinearVelocity = new(sign * pair.RightSpeed, 0f, 0f),
        });

        return world;
    }
}
