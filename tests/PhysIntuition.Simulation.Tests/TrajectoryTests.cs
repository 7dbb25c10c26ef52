using PhysIntuition.Faults;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation.Bodies;
using PhysIntuition.Simulation.Bundles;

namespace PhysIntuition.Simulation.Tests;

public sealed class TrajectoryTests
{
    private static readonly BatchSimulator s_engine = new();

    [Theory]
    [InlineData(30f, 1f, 31)]
    [InlineData(24f, 0.5f, 13)]
    [InlineData(7f, 1f, 8)]
    public void Record_AnyRate_GivesEvenFramesIncludingTheStart(float rate, float duration, int frames)
    {
        var film = Trajectory.Record(s_engine, [Coasting(speed: 2f)], rate, duration)[0];

        Assert.Equal(frames, film.Frames);
        for (var frame = 0; frame < frames; frame++)
        {
            // A frame is at most half an engine step from its time, however many came before it.
            Assert.Equal(frame / rate, film.Times[frame], (0.5f / EngineConstants.StepsPerSecond) + 1e-5f);
            Assert.Equal(2f * film.Times[frame], film[frame][0].Position.X, 1e-4f);
        }
    }

    [Fact]
    public void Record_StandingTower_ShowsItAsStillAsOneRun()
    {
        // Stopping for a frame must not disturb what stands: 0.1 mm over a second of sixty frames.
        var tower = Structures.Column(0f, 0.1f, -0.05f, 0.1f);

        var film = Trajectory.Record(s_engine, [tower], rate: 60f, duration: 1f)[0];

        for (var body = 0; body < film.Bodies; body++)
        {
            Assert.Equal(film[0][body].Position.X, film[film.Frames - 1][body].Position.X, 1e-4f);
        }
    }

    [Fact]
    public void Record_SeveralWorlds_LeavesThemAtTheirEnds()
    {
        World[] worlds = [Coasting(1f), Coasting(3f)];

        var films = Trajectory.Record(s_engine, worlds, rate: 10f, duration: 1f);

        Assert.Equal(worlds[0].Bodies[0].Position, films[0][10][0].Position);
        Assert.Equal(worlds[1].Bodies[0].Position, films[1][10][0].Position);
    }

    [Theory]
    [InlineData(0f, 1f, "rate")]
    [InlineData(float.NaN, 1f, "rate")]
    [InlineData(30f, -1f, "duration")]
    public void Record_ArgumentOutOfRange_NamesTheField(float rate, float duration, string field)
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => Trajectory.Record(s_engine, [], rate, duration));

        Assert.Equal(field, fault.Field);
    }

    private static World Coasting(float speed)
    {
        var world = new World { HasGround = false, Gravity = 0f };
        world.Bodies.Add(new() { LinearVelocity = new(speed, 0f, 0f) });
        return world;
    }
}
